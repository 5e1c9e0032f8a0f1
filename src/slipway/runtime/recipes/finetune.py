"""Fine-tune or pre-train a language model: `python -m slipway.runtime.recipes.finetune`.

Reads the environment of a training task and writes files; needs nothing else of the platform.

    ML_HYPERPARAMETERS   JSON file, see `hyperparameters.py`
    ML_DATA_DIR          training data, see `data_files.py` and `dataset_info.py`
    ML_BASE_MODEL_DIR    Hugging Face folder; without it "FromScratch" must be given
    ML_OUTPUT_DIR        receives checkpoint-<step>
    ML_MODEL_DIR         receives the finished model
    RESUME_FROM_CHECKPOINT     a checkpoint chosen by the user
    SLIPWAY_RESUME_CHECKPOINT  the newest complete one, offered by the platform to every attempt

Exit status: 0 done, 1 refused or failed, 143 stopped by SIGTERM after saving a checkpoint.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from slipway.runtime.recipes import hyperparameters
from slipway.runtime.recipes.data_files import list_files, read_files
from slipway.runtime.recipes.dataset_info import FILE_NAME, read_described
from slipway.runtime.recipes.distributed import is_main, prepare_environment
from slipway.runtime.recipes.errors import DataError, Problem, RecipeError
from slipway.runtime.recipes.hyperparameters import HyperParameters
from slipway.runtime.recipes.samples import Sample

STOPPED = 143


def main() -> int:
    prepare_environment()
    try:
        finished = run(os.environ)
    except RecipeError as error:
        if is_main():
            print(f"Error: {error}", file=sys.stderr, flush=True)
        return 1
    return 0 if finished else STOPPED


def run(env: Mapping[str, str]) -> bool:
    """Check all that can be checked cheaply, then load the heavy half and train."""
    wish = hyperparameters.load(_place(env, "ML_HYPERPARAMETERS"))
    samples = read_samples(_place(env, "ML_DATA_DIR"), wish)
    if is_main():
        print(f"Read {len(samples):,} samples", flush=True)

    from slipway.runtime.recipes.training import Places, prepare_places, train

    base = env.get("ML_BASE_MODEL_DIR")
    places = Places(
        output_dir=_place(env, "ML_OUTPUT_DIR"),
        model_dir=_place(env, "ML_MODEL_DIR"),
        base_model_dir=Path(base) if base and _has_files(Path(base)) else None,
        resume_from=_checkpoint_to_resume(env),
    )
    prepare_places(places)
    return train(samples, wish, places)


def _checkpoint_to_resume(env: Mapping[str, str]) -> str | None:
    """A later attempt of one run goes on whatever the user said of older runs; a first one asks that."""
    if chosen := env.get("RESUME_FROM_CHECKPOINT"):
        return chosen
    is_later_attempt = int(env.get("SLIPWAY_ATTEMPT") or 1) > 1
    return env.get("SLIPWAY_RESUME_CHECKPOINT") if is_later_attempt else None


def read_samples(data_dir: Path, wish: HyperParameters) -> list[Sample]:
    if not data_dir.is_dir():
        raise DataError([Problem(str(data_dir), "", "is not a directory; mount the data there")])
    if (data_dir / FILE_NAME).is_file() and not wish["DataFiles"]:
        samples = read_described(data_dir.resolve(), wish["Dataset"])
    else:
        samples = read_files(list_files(data_dir, wish["DataFiles"]), data_dir)
    if not samples:
        raise DataError(
            [Problem(str(data_dir), "", "holds no .jsonl, .json or .txt file with samples")]
        )
    return samples


_USUAL_PLACES = {
    "ML_HYPERPARAMETERS": "/opt/ml/input/config/hyperparameters.json",
    "ML_DATA_DIR": "/opt/ml/input/data",
    "ML_OUTPUT_DIR": "/opt/ml/output",
    "ML_MODEL_DIR": "/opt/ml/model",
}


def _place(env: Mapping[str, str], name: str) -> Path:
    return Path(env.get(name) or _USUAL_PLACES[name])


def _has_files(directory: Path) -> bool:
    return directory.is_dir() and any(directory.iterdir())


if __name__ == "__main__":
    sys.exit(main())
