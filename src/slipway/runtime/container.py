"""An instance's command inside a container: the words for Docker or Podman.

The runner starts the engine's client like any other program: its output is the log, a signal to it
reaches the command, its exit code is the command's. The container itself is a child of the engine,
so it is removed by name whenever the instance ends, in whatever way. What runs on the node itself
(the initialisation before the command) is not in the container.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from typing import NamedTuple

from slipway.runtime.spec import Argv, Image, Spec
from slipway.runtime.view import file_path

LABEL, ROOT_LABEL = "slipway.instance", "slipway.root"
ENGINE_FAILED = 125  # what both clients say when it was not the command that failed
_ENGINE_ANSWERS_WITHIN_S = 30.0
# What the client itself needs to find its engine.
_CLIENT_VARIABLES = (
    *("PATH", "HOME", "DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_HOST", "XDG_RUNTIME_DIR"),
    *("DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"),
)


class Container(NamedTuple):
    image: Image
    name: str

    def run_words(self, argv: Argv, spec: Spec, directory: str, metrics_file: str, env: Mapping[str, str]) -> Argv:  # fmt: skip
        """`docker run ...`. Variables are named only; their values are in the client's own."""
        words = [self.image.engine, "run", "--name", self.name, "--pull", "never", "--init"]
        words += ["--label", f"{LABEL}={spec.instance_id}"]
        words += ["--label", f"{ROOT_LABEL}={os.path.dirname(directory)}"]
        words += ["--network", "host", "--user", f"{os.geteuid()}:{os.getegid()}"]
        words += ["--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
        words += ["--workdir", spec.workdir, *_limits(spec), *_gpus(self.image, spec)]
        words += _binds(spec, directory, metrics_file)
        for name in sorted(env):
            # Of what the client needs itself, the command may get something else.
            words += ["--env", f"{name}={env[name]}" if name in _CLIENT_VARIABLES else name]
        return (*words, "--entrypoint", argv[0], self.image.reference, *argv[1:])

    def exec_words(self, argv: Argv) -> Argv:
        return (self.image.engine, "exec", self.name, *argv)

    def was_out_of_memory(self) -> bool:
        said = self._ask("inspect", "--format", "{{.State.OOMKilled}}", self.name)
        return said.strip() == "true"

    def remove(self) -> None:
        """Ends it at once where it still runs. Nothing happens where it is not there."""
        self._ask("rm", "--force", self.name)

    def _ask(self, *words: str) -> str:
        try:
            return subprocess.run(
                [self.image.engine, *words], env=client_environment(), stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=_ENGINE_ANSWERS_WITHIN_S,
            ).stdout  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            return ""  # the sweep of strays asks again


def container_of(image: Image | None, instance_id: str) -> Container | None:
    return Container(image, f"slipway-{instance_id}") if image is not None else None


def remove_left_behind(directory: str) -> None:
    """The container of an instance whose runner is gone, by what its spec says."""
    try:
        with open(f"{directory}/spec.json", "rb") as file:
            raw = json.load(file)
    except (OSError, ValueError):
        return
    if image := raw.get("image"):
        container = container_of(Image(image["reference"], image["engine"]), raw["instance_id"])
        assert container is not None
        container.remove()


def client_environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """The client's own variables win: its PATH is the machine's, not the image's."""
    own = {name: os.environ[name] for name in _CLIENT_VARIABLES if name in os.environ}
    return {**(env or {}), **own}


def _limits(spec: Spec) -> list[str]:
    limits, words = spec.limits, []
    if limits.cpu_cores:
        words += ["--cpus", f"{limits.cpu_cores:g}"]
    if limits.memory_bytes:
        # Data loaders hand batches over in shared memory, which is 64 MiB if nothing is said.
        shared = limits.memory_bytes // 2
        words += ["--memory", str(limits.memory_bytes), "--shm-size", str(shared)]
    if limits.pids:
        words += ["--pids-limit", str(limits.pids)]
    return words


def _gpus(image: Image, spec: Spec) -> list[str]:
    if not spec.gpus:
        return []
    if os.path.basename(image.engine) == "podman":
        return [word for index in spec.gpus for word in ("--device", f"nvidia.com/gpu={index}")]
    # The client splits at commas unless the list is quoted.
    return ["--gpus", f'"device={",".join(str(index) for index in spec.gpus)}"']


def _binds(spec: Spec, directory: str, metrics_file: str) -> list[str]:
    binds = [(m.source, m.target, m.read_only) for m in spec.mounts]
    binds += [(file_path(directory, f.target), f.target, False) for f in spec.files]
    binds.append((metrics_file, metrics_file, False))
    words = []
    for source, target, read_only in sorted(binds, key=lambda bind: bind[1].count("/")):
        options = ",readonly" if read_only else ""
        # Not `--volume`, which splits at colons and makes what is missing.
        words += [
            "--mount",
            f"type=bind,{_field('source', source)},{_field('target', target)}{options}",
        ]
    return words


def _field(name: str, value: str) -> str:
    """One CSV field of `--mount`."""
    text = f"{name}={value}"
    return '"' + text.replace('"', '""') + '"' if set(',"') & set(text) else text
