"""What processes of ours that come near user code get of the platform's environment."""

from __future__ import annotations

import os


def child_environment() -> dict[str, str]:
    """Only what a Python process needs: instances must never inherit the platform's secrets."""
    keep = {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "TMPDIR", "XDG_RUNTIME_DIR"}
    proxies = {"http_proxy", "https_proxy", "no_proxy"}
    prefixes = (
        "PIP_",
        "CUDA_",
        "NVIDIA_",
        "DOCKER_",
        "CONTAINER_HOST",
        "NCCL_",
        "GLOO_",
        "HF_ENDPOINT",
    )
    return {
        name: value
        for name, value in os.environ.items()
        if name in keep or name.lower() in proxies or name.startswith(prefixes)
    }
