"""Model formats (table M1), and the light look at whether a package fits its format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from slipway.base.errors import Invalid

_LLM_WEIGHTS = (".safetensors", ".bin")


@dataclass(frozen=True, slots=True)
class Format:
    """`content` says what a package of this format usually holds; `fits` looks for it."""

    name: str
    optimisable: bool
    content: str
    environments: tuple[str, ...]  # built-in ones that can serve it
    fits: Callable[[Sequence[PurePosixPath]], bool]


def _has(*suffixes: str) -> Callable[[Sequence[PurePosixPath]], bool]:
    return lambda files: any(file.suffix.lower() in suffixes for file in files)


def _saved_model(files: Sequence[PurePosixPath]) -> bool:
    return any(f.name == "saved_model.pb" for f in files) and any(
        "variables" in f.parts for f in files
    )


def _hugging_face(files: Sequence[PurePosixPath]) -> bool:
    settings = {"config.json", "adapter_config.json", "model_index.json"}
    return any(file.name in settings for file in files) and _has(*_LLM_WEIGHTS, ".pt")(files)


FORMATS = (
    Format("SavedModel", True, "saved_model.pb and variables/", ("tiinfer",), _saved_model),
    Format("Frozen Graph", True, "a .pb file", ("tiinfer",), _has(".pb")),
    Format("TorchScript", True, "a .pt file", ("tiinfer",), _has(".pt", ".ts")),
    Format("Detectron2", True, "a .pth file and its configuration", ("tiinfer",), _has(".pth")),
    Format("PyTorch", False, "a .pth or .pt file and code", ("tiinfer",),
           _has(".pth", ".pt", ".bin", ".ckpt", ".safetensors")),
    Format("PMML", False, "a .pmml file", ("tiinfer",), _has(".pmml")),
    Format("ONNX", True, "an .onnx file", ("tiinfer",), _has(".onnx")),
    Format("MMDetection", True, "a .pth file and its configuration", ("tiinfer",), _has(".pth")),
    Format("Hugging Face", True, "config.json and weights", ("llm", "tiinfer"), _hugging_face),
    Format("Hugging Face LLM", True, "config.json (or adapter_config.json) and weights", ("llm",),
           _hugging_face),
    Format("safetensors", False, "a .safetensors file", ("llm", "tiinfer"), _has(".safetensors")),
)  # fmt: skip

_BY_NAME = {f.name.casefold(): f for f in FORMATS}


def get_format(name: str) -> Format:
    """The format of that name, letter case ignored."""
    found = _BY_NAME.get(name.strip().casefold())
    if found is None:
        raise Invalid(
            f"There is no model format {name!r}. Possible: {', '.join(f.name for f in FORMATS)}.",
            field="format",
            code="unknown_format",
        )
    return found


def content_warning(format_name: str, paths: Sequence[str]) -> str | None:
    """A sentence where the usual files of the format are missing; the import goes on."""
    wanted = get_format(format_name)
    if wanted.fits([PurePosixPath(path) for path in paths]):
        return None
    return f"A {wanted.name} package usually holds {wanted.content}; this one does not."
