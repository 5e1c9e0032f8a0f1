"""The gateway's process: arguments in, signals heard, one event loop."""

import argparse
import asyncio
import gc
import logging
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import uvloop

from slipway.gateway import identity
from slipway.gateway.clock import Stamp
from slipway.gateway.core import Gateway
from slipway.gateway.meters import MAX_PROCESSES
from slipway.gateway.reach import Reach
from slipway.gateway.settings import Settings

log = logging.getLogger("slipway.gateway")

_PLAIN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def run(argv: list[str] | None = None) -> int:
    """Runs until SIGTERM or SIGINT. Returns the exit code."""
    settings = parse(argv)
    _log_to_stderr(settings.log_level)
    try:
        with identity.claim(settings.lock_file):
            uvloop.run(serve(settings))
    except identity.AlreadyRunning as taken:
        print(taken, file=sys.stderr)  # noqa: T201
        return 1
    except OSError as cause:
        where = f"{settings.host}:{settings.port}"
        print(f"The gateway cannot serve at {where}: {cause}.", file=sys.stderr)  # noqa: T201
        return 1
    return 0


async def serve(settings: Settings) -> None:
    """Serves until the process is told to stop. Raises OSError if it cannot start."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    gateway = Gateway(settings)
    port = await gateway.start()
    identity.announce(settings.identity_file, port, settings.processes)
    # What exists now lives as long as the process; looking through it again only costs time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    log.info("serving", extra={"host": settings.host, "port": port})
    await stop.wait()
    log.info("stopping")
    await gateway.stop()
    settings.identity_file.unlink(missing_ok=True)
    log.info("stopped")


def parse(argv: list[str] | None) -> Settings:
    parser = argparse.ArgumentParser(
        prog="python -m slipway.gateway", description="Slipway's inference gateway."
    )
    add = parser.add_argument
    add("--home", type=Path, required=True, help="the platform's home directory")
    add("--control", type=_url, required=True, help="URL of the control plane")
    add("--host", default=_DEFAULTS.host)
    add("--port", type=int, default=_DEFAULTS.port, help="0 takes a free one (see gateway.json)")
    add("--log-level", default="info", choices=["debug", "info", "warning", "error"])
    add("--processes", type=int, default=1, choices=range(1, MAX_PROCESSES + 1), metavar="N",
        help="how many gateway processes share this home and port")  # fmt: skip
    add("--process", type=int, default=0, metavar="I", help="which of them this is, from 0")
    add("--no-access-log", dest="access_log", action="store_false")
    add("--upstream-reach", type=Reach, default=_DEFAULTS.upstream_reach, choices=list(Reach),
        help="where providers and audit hooks may be: public, private networks too, or local too")  # fmt: skip
    add(
        "--limits-port",
        type=int,
        metavar="PORT",
        help="where gateways of other machines, that share our limits, ask what is left",
    )
    add(
        "--limits-at",
        type=_address,
        metavar="HOST:PORT",
        help="the gateway that counts for all machines; left out, this one counts for itself",
    )
    add("--otlp", type=_url, help="collector of OpenTelemetry traces, http://host:4318")
    add("--tls-cert", type=Path, help="certificate chain (PEM): serve HTTPS instead of HTTP")
    add("--tls-key", type=Path, help="its private key (PEM); left out, it is in the same file")
    for name, meaning in _TUNABLE.items():
        default = getattr(_DEFAULTS, name)
        flag = "--" + name.replace("_", "-")
        add(flag, type=type(default), default=default, help=f"{meaning} (default {default})")
    given = vars(parser.parse_args(argv))
    if not 0 <= given["process"] < given["processes"]:
        parser.error(f"--process must be from 0 to {given['processes'] - 1}")
    if given["limits_port"] is not None and (given["limits_at"] or given["process"]):
        parser.error("--limits-port is for the one process that counts for all others")
    return Settings(**{**given, "home": given["home"].resolve()})


_DEFAULTS = Settings(Path(), "")
_TUNABLE = {
    "grpc_port": "port of gRPC services, opened with the first of them",
    "service_qps_ceiling": "most requests a second for one service, 0 for no ceiling",
    "max_body_bytes": "largest request body",
    "header_timeout_s": "how long a request's head may take",
    "body_timeout_s": "longest silence inside a request's body",
    "whole_body_s": "how long a request's whole body may take",
    "connections_per_address": "most open connections of one client address, 0 for no cap",
    "keep_alive_s": "how long an idle client connection is kept",
    "upstream_timeout_s": "longest silence of an instance",
    "connect_timeout_s": "how long connecting to an instance may take",
    "stalled_client_s": "how long a client may leave its answer unread",
    "drain_s": "how long running requests get when the gateway stops",
}


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit():
        raise argparse.ArgumentTypeError("must look like 10.0.0.1:8704")
    return host.strip("[]"), int(port)


def _url(text: str) -> str:
    where = urlsplit(text)
    if where.scheme not in ("http", "https") or not where.hostname:
        raise argparse.ArgumentTypeError("must look like http://127.0.0.1:8700")
    return text.rstrip("/")


class _JsonLines(logging.Formatter):
    """A constant message plus fields, one JSON object a line."""

    def __init__(self) -> None:
        super().__init__()
        self._stamp = Stamp()

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": self._stamp.text(record.created),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        line |= {k: v for k, v in vars(record).items() if k not in _PLAIN_FIELDS}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def _log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
