"""Import `model_service.py` of the model directory."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType

from tiinfer import settings
from tiinfer.stages import PackageError

MODULE = "model_service"


def enter_package() -> None:
    """Make the model directory the working directory and the first place to import from."""
    directory = settings.TI_MODEL_DIR
    if not Path(directory).is_dir():
        raise PackageError(f"The model directory {directory} does not exist (TI_MODEL_DIR).")
    if not (Path(directory) / f"{MODULE}.py").is_file():
        raise PackageError(
            f"model_service.py not found in {directory}: a model package has this file at its top; "
            "set TI_MODEL_DIR to the directory that holds it."
        )
    os.chdir(directory)
    os.environ["TI_MODEL_DIR"] = directory
    if sys.path[:1] != [directory]:
        sys.path.insert(0, directory)


def import_package() -> ModuleType:
    """The imported module; PackageError with the reason where the file does not run."""
    try:
        return importlib.import_module(MODULE)
    except PackageError:
        raise
    except SystemExit as error:
        raise PackageError(f"model_service.py ended the program (exit {error.code}).") from error
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        traceback.print_exc()
        raise PackageError(
            f"model_service.py could not be imported: {type(error).__name__}: {error}"
        ) from error
