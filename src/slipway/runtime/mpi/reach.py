"""The remote shell between the instances of a task: `reach [ssh options] HOST COMMAND...`.

Open MPI calls it as its `plm_rsh_agent`; `bin/ssh` beside this file calls it for programs that
insist on `ssh`. Output is passed on, and the command's exit code is its own.
"""

import os
import sys

from slipway.runtime.mpi import wire
from slipway.runtime.mpi.peers import peer

_TAKES_VALUE = set("BbcDEeFIiJLlmOopQRSWw")  # ssh's options that are followed by a value
_CANNOT = 255  # what ssh itself answers when it gets no connection


def main(arguments: list[str]) -> int:
    host, command = split(arguments)
    try:
        address = peer(host)
    except KeyError:
        print(f"{host} is no instance of this task.", file=sys.stderr)
        return _CANNOT
    try:
        link = wire.connect(address, {"op": "run", "command": command}, wire.secret())
    except (OSError, wire.NotProven) as error:
        print(f"{host} cannot be reached: {error!r}", file=sys.stderr)
        return _CANNOT
    for kind, content in wire.frames(link):
        if kind == wire.EXIT:
            return int(content)
        os.write(1, content)
    print(f"The connection to {host} was lost.", file=sys.stderr)
    return _CANNOT


def split(arguments: list[str]) -> tuple[str, str]:
    """Host (without a user) and command, behind the options that ssh would take."""
    rest = list(arguments)
    while rest and rest[0].startswith("-") and len(rest[0]) > 1:
        option = rest.pop(0)
        if option == "--":
            break
        if len(option) == 2 and option[1] in _TAKES_VALUE and rest:
            rest.pop(0)
    if not rest:
        raise SystemExit("usage: reach [options] HOST COMMAND...")
    return rest[0].rpartition("@")[2], " ".join(rest[1:]).strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
