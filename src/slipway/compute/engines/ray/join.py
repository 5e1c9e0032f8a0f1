"""This machine joins the platform's Ray cluster, or leaves it. `slipway node join | leave` runs it.

Joining with a token tells the platform what this machine is and gets a node id, which Ray carries
as a label: so the node stays the same node whenever Ray is started here again. What is needed for
that is kept in `~/.slipway-node/joined.json`.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from slipway.compute.engines.ray.cluster import NODE_LABEL
from slipway.compute.facts import machine_facts
from slipway.compute.machine import this_machine

KEPT = Path("~/.slipway-node/joined.json")
_ANSWER_S = 30.0


class CannotJoin(Exception):
    """The sentence says what to do."""


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        return _leave() if options.leave else _join(options)
    except CannotJoin as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201  the program's answer
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="slipway node join")
    parser.add_argument("--leave", action="store_true")
    parser.add_argument("--url")
    parser.add_argument("--token")
    parser.add_argument("--ray-address")
    parser.add_argument("--name", default=socket.gethostname())
    parser.add_argument("--print", action="store_true", dest="only_print")
    return parser


def _join(options: argparse.Namespace) -> int:
    if options.token:
        if not options.url:
            raise CannotJoin("Say where the platform is: --url http://host:8700.")
        _keep(_handshake(options.url, options.token, options.name, options.ray_address))
    command = start_command(_kept(), options.ray_address)
    if options.only_print:
        print(shlex.join(command))  # noqa: T201
        return 0
    return subprocess.run(command, check=False).returncode


def start_command(joined: dict[str, Any], ray_address: str | None) -> list[str]:
    address = ray_address or joined["ray_address"]
    if not address or address == "auto":
        raise CannotJoin(
            "The platform does not say where its Ray head is. Give it: --ray-address host:6379."
        )
    labels = f"{NODE_LABEL}={joined['node_id']}"
    return [_ray(), "start", f"--address={address}", f"--labels={labels}"]


def _handshake(url: str, token: str, name: str, ray_address: str | None) -> dict[str, Any]:
    machine = this_machine()
    body = {
        "token": token, "name": name, "host": _own_address(url), "cpu_cores": machine.cores,
        "memory_bytes": machine.memory_bytes, "gpus": [asdict(card) for card in machine.gpus],
        "info": machine_facts(KEPT.expanduser().parent),
    }  # fmt: skip
    try:
        answer = httpx.post(f"{url.rstrip('/')}/api/v1/nodes/join", json=body, timeout=_ANSWER_S)
    except httpx.TransportError as error:
        raise CannotJoin(f"{url} does not answer ({error}). Check the address.") from error
    if answer.is_error:
        raise CannotJoin(_refusal(answer))
    joined: dict[str, Any] = answer.json()
    return {
        "node_id": joined["node_id"],
        "ray_address": ray_address or joined.get("ray_address") or "",
    }


def _refusal(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError):
        return f"The platform answered {answer.status_code}. Check that --url is the platform's."


def _own_address(url: str) -> str:
    """The address of this machine on the way to the platform."""
    parts = urlsplit(url)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((parts.hostname or "", parts.port or 80))
        except OSError as error:
            raise CannotJoin(f"There is no way to {url}: {error}.") from error
        return str(probe.getsockname()[0])


def _keep(joined: dict[str, Any]) -> None:
    path = KEPT.expanduser()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(json.dumps(joined))


def _kept() -> dict[str, Any]:
    try:
        joined: dict[str, Any] = json.loads(KEPT.expanduser().read_text())
    except (OSError, ValueError) as error:
        raise CannotJoin(
            "This machine has not joined yet. Get the command from the console: Resource groups, Join a machine."
        ) from error
    return joined


def _leave() -> int:
    """Ray is stopped here; what the platform runs here ends unless Ray is started again soon."""
    return subprocess.run([_ray(), "stop"], check=False).returncode


def _ray() -> str:
    beside = Path(sys.executable).with_name("ray")
    found = str(beside) if beside.exists() else shutil.which("ray")
    if found is None:
        raise CannotJoin("Ray is not installed here. Install it with: pip install 'slipway[ray]'.")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
