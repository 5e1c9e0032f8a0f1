"""`python -m slipway.runtime.git clone --config FILE --into DIR [--credentials FILE]`
`python -m slipway.runtime.git resolve < config-with-credentials.json`

`clone` brings the files of one commit into DIR, which is empty or was left by a clone that was
killed. `resolve` prints `{"commit": "..."}` of a branch or tag. The credentials file is emptied as
soon as it is read: the user's command runs next.

Exit status: 0 done, 1 Git refused (its words on standard error).
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from slipway.runtime.git.remote import GitFailed, Remote, clone, resolve


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="slipway.runtime.git", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("resolve")
    cloning = commands.add_parser("clone")
    cloning.add_argument("--config", type=Path, required=True)
    cloning.add_argument("--into", type=Path, required=True)
    cloning.add_argument("--credentials", type=Path)
    options = parser.parse_args(arguments)
    try:
        if options.command == "resolve":
            print(json.dumps({"commit": resolve(_remote(json.load(sys.stdin)))}), flush=True)
            return 0
        config = json.loads(options.config.read_text()) | _taken(options.credentials)
        remote = _remote(config)
        print(f"Cloning {remote.url} ({remote.ref or 'default branch'}).", flush=True)
        commit = clone(remote, config.get("commit", ""), options.into)
    except GitFailed as error:
        print(f"Error: {error}", file=sys.stderr, flush=True)
        return 1
    print(f"At commit {commit}.", flush=True)
    return 0


def _remote(config: dict[str, Any]) -> Remote:
    return Remote(
        url=config["url"], ref=config.get("ref", ""), user=config.get("user", ""),
        password=config.get("password", ""), ssh_key=config.get("ssh_key", ""),
        timeout_s=float(config["timeout_s"]), local=bool(config.get("local")),
    )  # fmt: skip


def _taken(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    found: dict[str, Any] = json.loads(path.read_text())
    path.write_text("{}")
    return found


if __name__ == "__main__":
    sys.exit(main())
