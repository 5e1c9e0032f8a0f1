"""What `slipway doctor` looks at."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    found: str
    advice: str = ""
    needed: bool = False


def checks() -> list[Check]:
    return [_python(), *_packages(), _gpu(), _containers(), _namespaces(), _cgroups(), _disk()]


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check(
        "Python",
        sys.version_info >= (3, 11),
        version,
        "" if sys.version_info >= (3, 11) else "Install Python 3.11 or newer.",
        True,
    )


def _packages() -> list[Check]:
    groups = {
        "server": (("fastapi", "sqlalchemy", "uvicorn"), "pip install 'slipway[server]'", True),
        "training and LLMs": (
            ("torch", "transformers", "trl", "peft", "mosec"),
            "pip install 'slipway[llm]'",
            False,
        ),
        "Ray engine": (("ray",), "pip install 'slipway[ray]'", False),
        "vLLM (needs a GPU)": (("vllm",), "pip install vllm", False),
    }
    found = []
    for name, (packages, advice, needed) in groups.items():
        missing = [p for p in packages if importlib.util.find_spec(p) is None]
        found.append(
            Check(
                name,
                not missing,
                "installed" if not missing else f"missing: {', '.join(missing)}",
                advice if missing else "",
                needed,
            )
        )
    return found


def _gpu() -> Check:
    there = shutil.which("nvidia-smi") is not None
    return Check(
        "NVIDIA GPU",
        there,
        "driver found" if there else "none",
        "" if there else "Fine without: everything runs on the CPU, slower.",
    )


def _containers() -> Check:
    """Asked as the platform asks; the client alone is not enough."""
    name = next((name for name in ("docker", "podman") if shutil.which(name)), None)
    if name is None:
        advice = "Fine without: environments are built from requirements. For images install Docker or Podman."
        return Check("Container engine", False, "none", advice)
    try:
        answer = subprocess.run([name, "info"], capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        answer = None
    if answer is not None and answer.returncode == 0:
        return Check("Container engine", True, f"{name} runs")
    advice = f"Start the engine of {name}, and let this user reach it; container images need it."
    return Check(
        "Container engine", False, f"{name} is installed, its engine does not answer", advice
    )


def _namespaces() -> Check:
    if not sys.platform.startswith("linux"):
        return Check(
            "Private paths",
            False,
            "not on this system",
            "Tasks use $ML_CODE_DIR and kin instead of /opt/ml/... here.",
        )
    switch = Path("/proc/sys/user/max_user_namespaces")
    allowed = os.geteuid() == 0 or (switch.exists() and int(switch.read_text()) > 0)
    return Check(
        "Private paths",
        allowed,
        "/opt/ml/... as real paths" if allowed else "not allowed",
        "" if allowed else "Allow user namespaces: sysctl user.max_user_namespaces=10000.",
    )


def _cgroups() -> Check:
    roots = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
    writable = any(root.is_dir() and os.access(root, os.W_OK) for root in roots)
    return Check(
        "Memory and CPU limits",
        writable,
        "enforced by cgroups" if writable else "not enforceable",
        ""
        if writable
        else "Run as root, or delegate a cgroup to this user (systemd: Delegate=yes).",
    )


def _disk() -> Check:
    free = shutil.disk_usage(Path.home()).free
    return Check(
        "Free disk",
        free > 5 << 30,
        f"{free / 2**30:.0f} GiB",
        "" if free > 5 << 30 else "Models and data need space: free at least 5 GiB.",
    )
