#!/usr/bin/env python3
"""Behaves like the Docker client as far as the platform uses it; a container is a process.

State is a directory per container below $FAKE_DOCKER. Like the real one: the container is not a
child of the client (it is in a session of its own), signals to the client are passed on, the exit
code is the command's, 125 is the engine's own failure.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

STATE = Path(os.environ.get("DOCKER_HOST", "").removeprefix("fake://") or "/nonexistent")
WITH_VALUE = {
    *("--name", "--pull", "--label", "--network", "--user", "--cap-drop", "--security-opt"),
    *("--workdir", "--cpus", "--memory", "--shm-size", "--pids-limit", "--mount", "--env"),
    *("--entrypoint", "--gpus", "--filter", "--format"),
}


def fail(text: str, code: int = 125) -> None:
    print(f"Error response from daemon: {text}", file=sys.stderr)
    sys.exit(code)


def parse(words: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    options: dict[str, list[str]] = {}
    while words and words[0].startswith("-"):
        word = words.pop(0)
        options.setdefault(word, []).append(words.pop(0) if word in WITH_VALUE else "")
    return options, words


def run(words: list[str]) -> None:
    options, rest = parse(words)
    reference, command = rest[0], [options["--entrypoint"][0], *rest[1:]]
    if not (STATE / "images" / reference.replace("/", "_")).exists():
        fail(f"No such image: {reference}")
    place = STATE / "containers" / options["--name"][0]
    place.mkdir(parents=True)
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "FROM_IMAGE": "yes"}
    for word in options.get("--env", []):
        name, has_value, value = word.partition("=")
        env[name] = value if has_value else os.environ[name]
    (place / "asked.json").write_text(json.dumps({"options": options, "env": env}))
    (place / "labels").write_text("\n".join(options["--label"]))
    mounts = {}
    for mount in options["--mount"]:
        fields = dict(field.partition("=")[::2] for field in mount.split(","))
        mounts[fields["target"]] = fields["source"]
    workdir = mounts.get(options["--workdir"][0], "/tmp")
    child = subprocess.Popen(command, env=env, cwd=workdir, start_new_session=True)
    (place / "pid").write_text(str(child.pid))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda n, _: child.send_signal(n))
    code = child.wait()
    sys.exit(128 - code if code < 0 else code)


def remove(name: str) -> None:
    place = STATE / "containers" / name
    with contextlib.suppress(OSError, ValueError):
        os.killpg(int((place / "pid").read_text()), signal.SIGKILL)
    shutil.rmtree(place, ignore_errors=True)


def main() -> None:
    with contextlib.suppress(OSError), (STATE / "calls").open("a") as calls:
        calls.write(json.dumps(sys.argv[1:]) + "\n")
    verb, *words = sys.argv[1:]
    if not STATE.is_dir():
        fail("the engine does not run", 1)
    if verb == "info":
        print("Server Version: 1")
    elif verb == "pull":
        pull(words[0])
    elif verb == "image":
        inspect_image(words[1])
    elif verb == "run":
        run(words)
    elif verb == "inspect":
        print("false")
    elif verb == "rm":
        remove(words[-1])
    elif verb == "ps":
        options, _ = parse(words)
        wanted = options["--filter"][0].removeprefix("label=")
        for place in (STATE / "containers").glob("*"):
            if wanted in (place / "labels").read_text().split("\n"):
                print(place.name)
    elif verb == "exec":
        sys.exit(subprocess.run(words[1:]).returncode)


def pull(reference: str) -> None:
    login = Path(os.environ.get("DOCKER_CONFIG", "/nonexistent")) / "config.json"
    if "private" in reference and not (login.exists() and "auth" in login.read_text()):
        fail(f"pull access denied for {reference}", 1)
    time.sleep(0.05)
    print(f"Status: Downloaded newer image for {reference}")
    folder = STATE / "images"
    folder.mkdir(exist_ok=True)
    digest = f"{reference.partition(':')[0]}@sha256:{'1' * 64}"
    for name in (reference, digest):
        (folder / name.replace("/", "_")).write_text(digest)


def inspect_image(reference: str) -> None:
    file = STATE / "images" / reference.replace("/", "_")
    if not file.exists():
        fail(f"No such image: {reference}", 1)
    print(json.dumps([{"Id": "sha256:2", "RepoDigests": [file.read_text()], "Size": 1234}]))


main()
