"""Framework logs on stdout by default, once, and never beside a user's own configuration."""

from __future__ import annotations

import logging
import os
import sys

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
LEVEL_VARIABLE = "TIINFER_LOG_LEVEL"
# mosec gives this logger a handler of its own and lets records propagate as well.
MOSEC_LOGGER = "mosec.log"


def prepare_logging() -> None:
    """Before `model_service.py` is imported: catch records without taking the root's place.

    A root handler of ours would turn the user's `logging.basicConfig` into a no-op.
    """
    logging.lastResort = _stdout_handler()
    logging.getLogger().setLevel(_level())


def set_up_logging() -> None:
    """Give the root logger a stdout handler unless the user's code has configured it."""
    _silence_mosec_handler()
    root = logging.getLogger()
    if root.handlers:
        return
    root.addHandler(_stdout_handler())
    root.setLevel(_level())


def _silence_mosec_handler() -> None:
    if "mosec" in sys.modules:
        logger = logging.getLogger(MOSEC_LOGGER)
        logger.handlers = [logging.NullHandler()]
        logger.addFilter(_readable_trace)


def _readable_trace(record: logging.LogRecord) -> bool:
    """mosec logs a worker's exception as one long line; show it as Python does."""
    error = sys.exc_info()
    if error[0] is not None and str(record.msg).startswith("Traceback"):
        record.msg, record.args, record.exc_info = "request failed", None, error
        record.levelno, record.levelname = logging.ERROR, "ERROR"
    return True


def _stdout_handler() -> logging.Handler:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter(FORMAT))
    return handler


def _level() -> str:
    return os.environ.get(LEVEL_VARIABLE, "info").upper()
