"""`python3 -m tiinfer [--timeout MS] [--port N] ...`: serve the package in TI_MODEL_DIR."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from tiinfer import logs, settings
from tiinfer.front import ALL_INTERFACES, Options, listen, serve
from tiinfer.stages import PackageError

DEFAULT_PORT = 8501
# The manual's variable first; PORT is what other platforms set; mosec's own comes last.
PORT_VARIABLES = ("REST_PORT", "PORT", "MOSEC_PORT")


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser().parse_args(argv)
    os.environ[logs.LEVEL_VARIABLE] = arguments.log_level
    os.environ["MOSEC_LOG_LEVEL"] = arguments.log_level
    try:
        return run(arguments)
    except PackageError as error:
        sys.stdout.flush()
        sys.stderr.write(f"tiinfer: {error}\n")
        return 1


def run(arguments: argparse.Namespace) -> int:
    logs.set_up_logging()
    port = arguments.port if arguments.port is not None else port_from_environment()
    if arguments.devices:
        os.environ[settings.DEVICES_VARIABLE] = arguments.devices
    if arguments.memory_fraction:
        os.environ[settings.MEMORY_VARIABLE] = str(arguments.memory_fraction)
    try:
        listener = listen(arguments.address, port)
    except OSError as error:
        raise PackageError(
            f"Port {port} on {arguments.address} cannot be used ({error.strerror}). "
            "Choose another with --port or REST_PORT."
        ) from error
    with listener:
        options = Options(
            address=arguments.address,
            port=port,
            timeout_ms=arguments.timeout,
            capacity=arguments.capacity,
            log_level=arguments.log_level,
            max_request_bytes=arguments.max_request_size,
        )
        return serve(options, listener)


def port_from_environment() -> int:
    for name in PORT_VARIABLES:
        text = os.environ.get(name)
        if not text:
            continue
        if not text.isdigit() or int(text) > 65535:
            raise PackageError(f"{name}={text!r} is not a port number.")
        return int(text)
    return DEFAULT_PORT


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tiinfer", description=__doc__)
    parser.add_argument(
        "--timeout",
        type=_positive,
        default=_env_int("MOSEC_TIMEOUT", 30000),
        metavar="MS",
        help="longest time for one request in milliseconds (default 30000)",
    )
    parser.add_argument("--port", type=int, help="HTTP port (REST_PORT, PORT, or 8501)")
    parser.add_argument(
        "--address",
        default=os.environ.get("MOSEC_ADDRESS") or ALL_INTERFACES,
        help="address to listen on (default: all interfaces)",
    )
    parser.add_argument(
        "--capacity",
        type=_positive,
        default=_env_int("MOSEC_CAPACITY", 1024),
        help="requests that may wait; more get 429 (default 1024)",
    )
    parser.add_argument(
        "--max-request-size",
        type=_positive,
        metavar="BYTES",
        default=_env_int("MOSEC_MAX_REQUEST_SIZE", 64 * 1024 * 1024),
        help="largest request body; more gets 413 (default 64 MiB)",
    )
    parser.add_argument(
        "--devices",
        help="cards that inference processes are spread over, such as 0,1 (TI_DEVICES)",
    )
    parser.add_argument(
        "--memory-fraction",
        type=_fraction,
        help="part of a card's memory that one process may take (TI_DEVICE_MEMORY_FRACTION)",
    )
    parser.add_argument(
        "--log-level",
        choices=["debug", "info", "warning", "error"],
        default=os.environ.get("MOSEC_LOG_LEVEL") or "info",
    )
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _fraction(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError("must be above 0 and at most 1")
    return value


def _env_int(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    return int(text) if text.isdigit() and int(text) > 0 else default


if __name__ == "__main__":
    raise SystemExit(main())
