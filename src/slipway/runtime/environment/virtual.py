"""A Python environment: `venv`, then the environment's own pip."""

import json
import os
import shutil
import site
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from slipway.runtime.environment.running import BuildFailed, answer, run

# Programs write their own path into scripts, so the place is final from the start; what counts as
# built is decided by the mark alone.
_FOLDER = "venv"


def build_venv(config: dict[str, Any], out: Path, credentials: dict[str, str]) -> dict[str, Any]:
    venv, work = out / _FOLDER, out / "tmp"
    for folder in (venv, work):
        shutil.rmtree(folder, ignore_errors=True)  # what a killed build left
    work.mkdir()
    env = _surroundings(config, credentials, work)
    try:
        print(f"Making an environment with Python {config['python']}.", flush=True)
        run([_interpreter(config), "-m", "venv", str(venv)], env, "Making the environment")
        if config["on_platform"]:
            _see_platform_packages(venv)
        python = str(venv / "bin" / "python")
        pip = [python, "-m", "pip", "--no-input", "--no-cache-dir", "--disable-pip-version-check"]
        if config["requirements"].strip():
            run([*pip, "install", *_files(config, work)], env, "Installing the packages")
        listed = answer([*pip, "list", "--local", "--format", "json"], env, "Listing the packages")
        version = answer([python, "-V"], env, "Asking the version").split()[-1]
    finally:
        shutil.rmtree(work, ignore_errors=True)
    packages = [{"name": p["name"], "version": p["version"]} for p in json.loads(listed)]
    return {
        "location": str(venv),
        "python": version,
        "packages": packages,
        "size_bytes": _size(venv),
    }


def _interpreter(config: dict[str, Any]) -> str:
    """The one the control plane found, or this node's own of the same version."""
    for candidate in (config["interpreter"], shutil.which(f"python{config['python']}")):
        if candidate and os.access(candidate, os.X_OK):
            return str(candidate)
    if config["python"] == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.executable
    raise BuildFailed(f"This node has no Python {config['python']}.")


def _files(config: dict[str, Any], work: Path) -> list[str]:
    requirements = work / "requirements.txt"
    requirements.write_text(config["requirements"])
    words = ["--requirement", str(requirements)]
    if config["constraints"].strip():
        constraints = work / "constraints.txt"
        constraints.write_text(config["constraints"])
        words += ["--constraint", str(constraints)]
    return words


def _surroundings(
    config: dict[str, Any], credentials: dict[str, str], work: Path
) -> dict[str, str]:
    """By variables: what is on a command line is seen by every user of the machine."""
    env = {**os.environ, "TMPDIR": str(work), "PIP_PROGRESS_BAR": "off"}
    env.pop("VIRTUAL_ENV", None)
    if config["index_url"]:
        env["PIP_INDEX_URL"] = _with_credentials(config["index_url"], credentials)
    return env


def _with_credentials(url: str, credentials: dict[str, str]) -> str:
    if not credentials.get("user"):
        return url
    parts = urlsplit(url)
    who = f"{quote(credentials['user'], safe='')}:{quote(credentials['password'], safe='')}"
    return urlunsplit(parts._replace(netloc=f"{who}@{parts.netloc}"))


def _see_platform_packages(venv: Path) -> None:
    """The platform's packages come after the environment's own, which therefore win."""
    own = next((venv / "lib").glob("python*/site-packages"))
    lines = [f"import site; site.addsitedir({place!r})" for place in site.getsitepackages()]
    (own / "slipway-platform.pth").write_text("\n".join(lines) + "\n")


def _size(folder: Path) -> int:
    return sum(
        os.lstat(os.path.join(top, name)).st_blocks * 512
        for top, _, names in os.walk(folder)
        for name in names
    )
