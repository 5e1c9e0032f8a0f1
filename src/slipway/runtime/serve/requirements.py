"""A Python that has what a package's requirements.txt asks for.

The platform's own environment is never changed. Where something is missing, a virtual
environment is made that sees the platform's packages and holds only what is missing; it is
kept by content of the file, so a restart finds it ready.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

COMPLETE = "complete"
# pip's options in a requirements file; with one of them only pip can judge the file.
_OPTION = "-"


class RequirementsError(Exception):
    """The requirements cannot be met; the text says why."""


def python_with(requirements: Path, packages_dir: Path | None) -> str:
    """The interpreter to run: ours where nothing is missing, else that of an environment."""
    if not requirements.is_file():
        return sys.executable
    text = _read(requirements)
    missing = missing_requirements(text)
    if not missing:
        print("requirements.txt: everything is installed already")
        return sys.executable
    print(f"requirements.txt: installing {', '.join(missing)}", flush=True)
    root = _environments_dir(packages_dir)
    key = hashlib.sha256(f"{sys.prefix}\n{sys.version}\n{text}".encode()).hexdigest()[:16]
    with _locked(root / f"{key}.lock"):
        environment = root / key
        if not (environment / COMPLETE).exists():
            _build(environment, requirements)
        return str(environment / "bin" / "python")


def missing_requirements(text: str) -> list[str]:
    """Lines that this Python does not satisfy as it is; those only pip can judge count too."""
    try:
        from packaging.requirements import InvalidRequirement, Requirement
    except ImportError:
        return list(_lines(text))
    missing = []
    for line in _lines(text):
        try:
            if line.startswith(_OPTION) or not _satisfied(Requirement(line)):
                missing.append(line)
        except InvalidRequirement:
            missing.append(line)
    return missing


def _lines(text: str) -> list[str]:
    joined = text.replace("\\\n", " ")
    return [
        line
        for raw in joined.splitlines()
        if (line := raw.partition(" #")[0].strip()) and not line.startswith("#")
    ]


def _satisfied(requirement: object) -> bool:
    from packaging.requirements import Requirement

    assert isinstance(requirement, Requirement)
    if requirement.marker and not requirement.marker.evaluate():
        return True
    if requirement.url or requirement.extras:
        return False
    try:
        installed = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return requirement.specifier.contains(installed, prereleases=True)


def _read(requirements: Path) -> str:
    try:
        return requirements.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RequirementsError(f"{requirements} cannot be read: {error}") from error


def _environments_dir(packages_dir: Path | None) -> Path:
    """A folder that only we can write: code is run from it."""
    root = packages_dir or Path(tempfile.gettempdir()) / f"slipway-packages-{os.getuid()}"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    info = root.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.getuid() or info.st_mode & 0o022:
        raise RequirementsError(f"{root} is not a folder that only this user can write to.")
    return root


def _build(environment: Path, requirements: Path) -> None:
    if environment.exists():
        shutil.rmtree(environment)  # left half-made by an earlier start
    venv.EnvBuilder(with_pip=False, symlinks=True).create(environment)
    _see_platform(environment)
    command = [sys.executable, "-m", "pip", "--python", str(environment), "install"]
    command += ["--no-input", "--disable-pip-version-check", "-r", str(requirements)]
    # Relative paths in the file are relative to the package, and pip takes its own folder.
    result = subprocess.run(command, check=False, stderr=subprocess.STDOUT, cwd=requirements.parent)
    if result.returncode:
        shutil.rmtree(environment, ignore_errors=True)
        raise RequirementsError(
            f"Installing {requirements} failed (pip ended with status {result.returncode}); "
            "its output above says why."
        )
    (environment / COMPLETE).touch()


def _see_platform(environment: Path) -> None:
    """Let the environment find the platform's packages after its own.

    addsitedir instead of a plain path, so that .pth files there count as well.
    """
    own = sysconfig.get_path("purelib", vars={"base": str(environment)})
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    lines = [f"import site; site.addsitedir({place!r})" for place in sorted(places)]
    (Path(own) / "platform.pth").write_text("\n".join(lines) + "\n")


class _locked:  # noqa: N801 - reads as a verb where it is used
    """Two replicas of one service on one machine build an environment once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._file = self._path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()
