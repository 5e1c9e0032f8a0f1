"""The platform's built-in models: folders of one directory, the same on every node (TRN-18)."""

from __future__ import annotations

from pathlib import Path

from slipway.base.errors import Invalid

_NO_DIRECTORY = (
    "The platform has no built-in models here. An operator names their directory with "
    "SLIPWAY_BUILT_IN_MODELS."
)


def list_built_in(root: Path | None) -> list[str]:
    """Their names; blocking."""
    if root is None or not root.is_dir():
        return []
    return sorted(
        entry.name for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith(".")
    )


def built_in_model(source: str, root: Path | None) -> Path:
    """The folder of a model, by its name or its path below the directory. Raises Invalid."""
    if root is None:
        raise Invalid(_NO_DIRECTORY, field="mounts", code="no_built_in_models")
    if "\0" in source or not source.strip():
        raise Invalid("Choose a built-in model.", field="mounts")
    found = (root / source).resolve()
    if found == root or not found.is_relative_to(root) or not found.is_dir():
        offered = ", ".join(list_built_in(root)) or "none"
        raise Invalid(
            f"There is no built-in model {source}. The platform offers: {offered}.",
            field="mounts", code="no_such_built_in_model",
        )  # fmt: skip
    return found
