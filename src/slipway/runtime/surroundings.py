"""The environment variables that a command starts with."""

import os
import sys

from slipway.runtime.gpu import GpuReader
from slipway.runtime.gpu_share import share_variables
from slipway.runtime.resume import newest_complete
from slipway.runtime.spec import Spec
from slipway.runtime.view import located, variables

_STOP_FILE = ".slipway-stop.json"

# The platform's own environment holds its secrets, so only what a program needs to find its
# way on this machine is passed on.
_PASSED_ON = {
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR"),
    *("LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_CONFIG_FILE"),
    *("HF_ENDPOINT", "HF_HUB_OFFLINE"),
    *("DOCKER_HOST", "CONTAINER_HOST"),  # an image is pulled by an instance like any other
}
_PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_PASSED_ON_PREFIXES = ("LC_", "NVIDIA_", "CUDA_", "NCCL_", "GLOO_")


def environment(spec: Spec, directory: str, metrics_file: str, namespace: bool) -> dict[str, str]:
    """Machine, then defaults, then the user's, then what the platform alone can know."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON
        or name.lower() in _PROXY_VARIABLES
        or name.startswith(_PASSED_ON_PREFIXES)
    }
    env.setdefault("HOME", os.path.expanduser("~"))
    env["PATH"] = _path_with_own_python(env.get("PATH", os.defpath))
    env |= _defaults(spec)
    env |= spec.env
    env |= variables(spec, directory, namespace)
    env |= _of_attempt(spec, env, directory, namespace)
    env["SLIPWAY_METRICS_FILE"] = metrics_file
    env["SLIPWAY_NAMESPACE"] = "1" if namespace else "0"
    return env


def container_environment(spec: Spec, directory: str, metrics_file: str) -> dict[str, str]:
    """Of a command in a container: the image's own, and on top what the platform says."""
    env = {**_defaults(spec), **spec.env, **variables(spec, directory, True)}
    return {
        **env,
        **_of_attempt(spec, env, directory, True),
        "SLIPWAY_METRICS_FILE": metrics_file,
        "SLIPWAY_NAMESPACE": "1",
    }


def _of_attempt(spec: Spec, env: dict[str, str], directory: str, namespace: bool) -> dict[str, str]:
    """Where to go on from, and how a stop is announced."""
    checkpoint = resume_checkpoint(spec, directory, namespace)
    resume = {"SLIPWAY_RESUME_CHECKPOINT": checkpoint} if checkpoint else {}
    return _of_stop(spec, env) | resume


def resume_checkpoint(spec: Spec, directory: str, namespace: bool) -> str | None:
    """The newest complete checkpoint that earlier attempts left, as the command sees it."""
    if spec.checkpoints is None:
        return None
    place = located(spec.checkpoints, spec, directory)
    found = newest_complete(place)
    return found and os.path.join(spec.checkpoints if namespace else place, found)


def stop_file(spec: Spec) -> str | None:
    """Where a stop is announced, on this machine: in the instance's own home, if it has one."""
    homes = [mount.source for mount in spec.mounts if mount.env == "HOME"]
    return os.path.join(homes[0], _STOP_FILE) if homes else None


def _of_stop(spec: Spec, env: dict[str, str]) -> dict[str, str]:
    grace = {"SLIPWAY_GRACE_S": f"{spec.grace_s:g}"}
    if stop_file(spec) is None:
        return grace
    return grace | {"SLIPWAY_STOP_FILE": os.path.join(env["HOME"], _STOP_FILE)}


def _defaults(spec: Spec) -> dict[str, str]:
    defaults = {
        # Output goes to a pipe, where Python would hold it back: logs would not be live.
        "PYTHONUNBUFFERED": "1",
        # The driver's order of cards, in which the spec counts them, not CUDA's own.
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "CUDA_VISIBLE_DEVICES": ",".join(str(index) for index in spec.gpus),
    }
    if spec.gpu_share is not None:
        defaults |= share_variables(spec.gpu_share, GpuReader(spec.gpus).total_bytes())
    if spec.limits.cpu_cores:
        # Libraries count the machine's cores, not the instance's share of them.
        defaults["OMP_NUM_THREADS"] = str(max(1, int(spec.limits.cpu_cores)))
    if spec.hang_s is not None:
        defaults["PYTHONFAULTHANDLER"] = "1"  # so that a hung process can print its stacks
    return defaults


def _path_with_own_python(path: str) -> str:
    """`python` means the environment that the platform runs in unless the spec says otherwise."""
    own = f"{sys.prefix}/bin"
    parts = [part for part in path.split(os.pathsep) if part and part != own]
    return os.pathsep.join([own, *parts])
