"""A container image: pulled by Docker or Podman, and known by its digest from then on."""

import base64
import json
import os
import shutil
from pathlib import Path
from typing import Any

from slipway.runtime.environment.running import BuildFailed, answer, run

_DEFAULT_REGISTRY = "https://index.docker.io/v1/"


def pull(config: dict[str, Any], out: Path, credentials: dict[str, str]) -> dict[str, Any]:
    engine = config["engine"] or shutil.which("docker") or shutil.which("podman")
    if not engine:
        raise BuildFailed("Neither Docker nor Podman is installed on this node.")
    reference, folder = config["image"], out / "login"
    env = dict(os.environ)
    try:
        if credentials.get("user"):
            env |= _login(folder, reference, credentials)
        run([engine, "pull", reference], env, f"Pulling {reference}")
        facts = json.loads(answer([engine, "image", "inspect", reference], env, "Inspecting"))[0]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    digests: list[str] = facts.get("RepoDigests") or []
    return {
        # One that was built on the machine has no digest in a registry; its id is as fixed.
        "location": digests[0] if digests else facts["Id"],
        "python": "",
        "packages": [],
        "size_bytes": int(facts.get("Size") or 0),
    }


def registry_of(reference: str) -> str:
    """`host/name:tag` names its registry; a bare name is Docker Hub's."""
    first, slash, _ = reference.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first
    return _DEFAULT_REGISTRY


def _login(folder: Path, reference: str, credentials: dict[str, str]) -> dict[str, str]:
    """A sign-in for this pull only; the machine's own is neither used nor changed."""
    folder.mkdir(mode=0o700, exist_ok=True)
    secret = base64.b64encode(f"{credentials['user']}:{credentials['password']}".encode()).decode()
    file = folder / "config.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps({"auths": {registry_of(reference): {"auth": secret}}}))
    return {"DOCKER_CONFIG": str(folder), "REGISTRY_AUTH_FILE": str(file)}
