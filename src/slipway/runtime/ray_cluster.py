"""Runs in every instance of a task in Ray mode: starts its node of the task's own cluster.

    python -m slipway.runtime.ray_cluster head COMMAND   starts the head, waits for all nodes, runs it
    python -m slipway.runtime.ray_cluster worker         joins, and stays until it is ended

Every node declares the resource `Rank:<n>`, so that work can be pinned to it. The cluster ends with
its instances: the platform kills every process of one that has ended, so nothing is left.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

_OBJECT_STORE_SHARE = 0.3
_OBJECT_STORE_LEAST_BYTES = 80 << 20  # Ray takes no less
_SOCKET_PATH_ROOM = 40  # bytes that a path may have, so that Ray's socket names below it still fit
_JOIN_S = 120.0

_ALL_HERE = """
import sys, time, ray
ray.init(logging_level="ERROR", log_to_driver=False)
wanted, deadline = int(sys.argv[1]), time.monotonic() + float(sys.argv[2])
while sum(node["Alive"] for node in ray.nodes()) < wanted:
    if time.monotonic() > deadline:
        sys.exit(f"Only {sum(n['Alive'] for n in ray.nodes())} of {wanted} Ray nodes have joined.")
    time.sleep(0.1)
"""


def main(arguments: list[str]) -> int:
    folder = _temporary_folder()
    try:
        return _head(folder, arguments[1]) if arguments[0] == "head" else _worker(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _head(folder: str, command: str) -> int:
    env = os.environ
    where = ["--head", f"--port={env['HEAD_PORT']}", f"--temp-dir={folder}"]
    where += ["--include-dashboard=false", f"--node-ip-address={env['SLIPWAY_RAY_NODE_IP']}"]
    if code := subprocess.run(_start(where), env=_for_start()).returncode:
        return code
    waiting = [sys.executable, "-c", _ALL_HERE, env["SLIPWAY_RAY_NODES"], str(_JOIN_S)]
    if code := subprocess.run(waiting, env=_for_command()).returncode:
        return code
    child = subprocess.Popen(["bash", "-c", command], env=_for_command())
    signal.signal(signal.SIGTERM, lambda *_: None)  # the group gets it: the command decides
    code = child.wait()
    return 128 - code if code < 0 else code


def _worker(folder: str) -> int:
    env = os.environ
    where = [f"--address={env['RAY_ADDRESS']}", f"--node-ip-address={env['SLIPWAY_RAY_NODE_IP']}"]
    deadline = time.monotonic() + _JOIN_S
    while (code := subprocess.run(_start([*where, "--block"]), env=_for_start()).returncode) != 0:
        if time.monotonic() > deadline:
            break
        time.sleep(0.5)  # the head may not be up yet
    return code


def _start(where: list[str]) -> list[str]:
    env = os.environ
    store = int(int(env["SLIPWAY_RAY_MEMORY_BYTES"]) * _OBJECT_STORE_SHARE)
    return [
        sys.executable, "-m", "ray.scripts.scripts", "start", *where,
        f"--num-cpus={env['SLIPWAY_RAY_CPUS']}", f"--num-gpus={env['SLIPWAY_RAY_GPUS']}",
        f'--resources={{"Rank:{env["INDEX"]}": 1}}',
        f"--object-store-memory={max(_OBJECT_STORE_LEAST_BYTES, store)}",
        "--disable-usage-stats",
    ]  # fmt: skip


def _for_command() -> dict[str, str]:
    """Only instances of this task know the token, so nobody else's code can join or command it."""
    secret = os.environ["SLIPWAY_GROUP_SECRET"]
    return {**os.environ, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secret}


def _for_start() -> dict[str, str]:
    """`ray start` takes RAY_ADDRESS for the address of a cluster to join."""
    env = _for_command()
    del env["RAY_ADDRESS"]
    return env


def _temporary_folder() -> str:
    """Below the home of the instance, which goes with it, where the path is short enough."""
    home = os.environ.get("HOME", "")
    parent = home if home and len(home) <= _SOCKET_PATH_ROOM else "/tmp"
    return tempfile.mkdtemp(prefix="ray-", dir=parent)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
