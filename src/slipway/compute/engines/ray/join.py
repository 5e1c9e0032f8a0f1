"""This machine joins the platform's Ray cluster, or leaves it. `slipway node join | leave` runs it.

Joining with a token tells the platform what this machine is and gets a node id, which Ray carries
as a label: so the node stays the same node whenever Ray is started here again. What is needed for
that is kept in `~/.slipway-node/joined.json`. Leaving tells the platform first, which moves the
work away, and ends Ray once nothing runs here any more.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import socket
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from slipway.compute.engines.ray import raylet
from slipway.compute.engines.ray.cluster import NODE_LABEL
from slipway.compute.engines.ray.join_facts import reach_facts
from slipway.compute.nodes.facts import machine_facts
from slipway.compute.nodes.machine import this_machine

KEPT = Path("~/.slipway-node/joined.json")
_ANSWER_S = 30.0
_LOOK_S = 0.5


class CannotJoin(Exception):
    """The sentence says what to do."""


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        return _leave(now=options.now) if options.leave else _join(options)
    except CannotJoin as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201  the program's answer
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="slipway node join")
    parser.add_argument("--leave", action="store_true")
    parser.add_argument("--now", action="store_true")
    parser.add_argument("--zone", default="")
    parser.add_argument("--rack", default="")
    parser.add_argument("--url")
    parser.add_argument("--token")
    parser.add_argument("--ray-address")
    parser.add_argument("--name", default=socket.gethostname())
    parser.add_argument("--print", action="store_true", dest="only_print")
    parser.add_argument("--yes", action="store_true")
    return parser


def _join(options: argparse.Namespace) -> int:
    if options.token:
        if not options.url:
            raise CannotJoin("Say where the platform is: --url http://host:8700.")
        _keep(_handshake(options))
    joined = _kept()
    command = start_command(joined, options.ray_address)
    if options.only_print:
        print(shlex.join(command))  # noqa: T201
        return 0
    if raylet.runs(joined.get("process")):
        print(f"This machine has joined already, as the node {joined['node_id']}.")  # noqa: T201
        return 0
    try:
        process = raylet.start(command, KEPT.expanduser().with_name("ray.log"))
    except raylet.DidNotStart as error:
        raise CannotJoin(f"Ray did not start here. It says:\n{error}") from error
    _keep(joined | {"process": process})
    print(f"This machine has joined as the node {joined['node_id']}.")  # noqa: T201
    return 0


def start_command(joined: dict[str, Any], ray_address: str | None) -> list[str]:
    address = ray_address or joined["ray_address"]
    if not address or address == "auto":
        raise CannotJoin(
            "The platform does not say where its Ray head is. Give it: --ray-address host:6379."
        )
    labels = f"{NODE_LABEL}={joined['node_id']}"
    return [_ray(), "start", f"--address={address}", f"--labels={labels}"]


def _handshake(options: argparse.Namespace) -> dict[str, Any]:
    url, token, host = options.url.rstrip("/"), options.token, _own_address(options.url)
    terms = _ask(url, "join-terms", {"token": token})

    def probe(port: int, says: str) -> bool:
        asked = {"token": token, "host": host, "port": port, "says": says}
        return bool(_ask(url, "join-probe", asked)["reached"])

    machine, facts = this_machine(), machine_facts(KEPT.expanduser().parent)
    if not options.yes:
        _confirm(facts)
    facts |= reach_facts(terms, probe)
    body = {
        "token": token, "name": options.name, "host": host, "cpu_cores": machine.cores,
        "memory_bytes": machine.memory_bytes, "gpus": [asdict(card) for card in machine.gpus],
        "info": facts | {k: v for k in ("zone", "rack") if (v := getattr(options, k))},
    }  # fmt: skip
    joined = _ask(url, "join", body)
    for check in joined["checks"]:
        if check["level"] == "warning":
            print(f"Warning: {check['sentence']}")  # noqa: T201
    return {
        "url": url,
        "node_id": joined["node_id"],
        "leave_key": joined["leave_key"],
        "ray_address": options.ray_address or joined.get("ray_address") or "",
    }


def _confirm(facts: dict[str, Any]) -> None:
    """Joining writes files and never formats; whoever joins a machine sees first which disks it has."""
    print(disk_words(facts))  # noqa: T201
    try:
        answer = input("Join with these disks? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise CannotJoin("Nothing was changed. Answer y to join, or add --yes.")


def disk_words(facts: dict[str, Any]) -> str:
    """Each disk in a line, and what joining does to them."""
    lines = ["The disks of this machine:"]
    for disk in facts["disks"]:
        sizes = f"{disk['size_bytes'] / 1e9:.1f} GB, {disk['free_bytes'] / 1e9:.1f} GB free"
        lines.append(f"  {disk['mount']}  {sizes}{', system disk' if disk['system'] else ''}")
    return "\n".join(
        [
            *lines,
            "No disk is formatted or wiped, and nothing is reinstalled: the platform writes files "
            f"below {facts['data_dir']} and its node directory.",
            "Back up first what matters, and do not change the machine by hand while it is joined.",
        ]
    )


def _ask(url: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = httpx.post(f"{url}/api/v1/nodes/{path}", json=body, timeout=_ANSWER_S)
    except httpx.TransportError as error:
        raise CannotJoin(f"{url} does not answer ({error}). Check the address.") from error
    if answer.is_error:
        raise CannotJoin(_refusal(answer))
    said: dict[str, Any] = answer.json()
    return said


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
    path.touch(mode=0o600)
    path.write_text(json.dumps(joined))


def _kept() -> dict[str, Any]:
    try:
        joined: dict[str, Any] = json.loads(KEPT.expanduser().read_text())
    except (OSError, ValueError) as error:
        raise CannotJoin(
            "This machine has not joined yet. Get the command from the console: Resource groups, Join a machine."
        ) from error
    return joined


def _leave(*, now: bool) -> int:
    """Ray ends here once the platform has moved the work away; `now`: at once, and it is lost."""
    joined = _kept()
    if not now:
        _wait_until_released(joined)
    process = joined.get("process")
    if process is None or not raylet.runs(process):
        print("Ray was not started here by 'slipway node join'. Stop its service now.")  # noqa: T201
        return 0
    raylet.stop(process)
    _keep({name: value for name, value in joined.items() if name != "process"})
    print(f"This machine has left; the node was {joined['node_id']}.")  # noqa: T201
    return 0


def _wait_until_released(joined: dict[str, Any]) -> None:
    if "leave_key" not in joined:
        raise CannotJoin(
            "This machine joined with an older version. Release its node in the console, then run: slipway node leave --now."
        )
    told = None
    while True:
        said = _ask(joined["url"], f"{joined['node_id']}/leave", {"key": joined["leave_key"]})
        if said["state"] != "releasing":
            return
        if said["instances"] != told:
            told = said["instances"]
            print(f"The platform moves {told} instances away.")  # noqa: T201
        time.sleep(_LOOK_S)


def _ray() -> str:
    beside = Path(sys.executable).with_name("ray")
    found = str(beside) if beside.exists() else shutil.which("ray")
    if found is None:
        raise CannotJoin("Ray is not installed here. Install it with: pip install 'slipway[ray]'.")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
