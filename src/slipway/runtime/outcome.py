"""How an instance ended, and the sentence that says so."""

import os
import signal
from typing import NamedTuple

_SHELL_SAYS = {126: "the command is not executable", 127: "command not found"}

NETWORK_TIMEOUT = 75  # exit code of the health check program
_NETWORK_FAULT = "network time-out in the health check"


class Outcome(NamedTuple):
    exit_code: int | None
    signal: int | None
    oom: bool
    stopped: bool
    reason: str
    fault: str | None = None  # of the machine, not of the program


def ended(status: int, *, oom_limit_bytes: int | None = None) -> Outcome:
    """From a wait status. `oom_limit_bytes`: the memory limit, if the kernel killed for it."""
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    code = None if number is not None else os.WEXITSTATUS(status)
    oom = oom_limit_bytes is not None and code != 0
    if oom and oom_limit_bytes is not None:
        reason = f"out of memory: limit {_size(oom_limit_bytes)}"
    else:
        reason = how(status)
    return Outcome(code, number, oom, False, reason)


def how(status: int) -> str:
    """ "exited with code 3", "killed by signal 9 (SIGKILL)"."""
    if os.WIFSIGNALED(status):
        return f"killed by signal {_signal(os.WTERMSIG(status))}"
    code = os.WEXITSTATUS(status)
    hint = _SHELL_SAYS.get(code)
    if code > 128 and _is_signal(code - 128):
        hint = f"a program in it was killed by signal {_signal(code - 128)}"
    return f"exited with code {code}" + (f": {hint}" if hint else "")


def container_failed() -> Outcome:
    return failed("could not start in a container; the engine's words are in the log")


def pre_start_failed(status: int, *, oom_limit_bytes: int | None = None) -> Outcome:
    outcome = ended(status, oom_limit_bytes=oom_limit_bytes)
    if outcome.oom:
        return outcome._replace(reason=f"pre-start ran {outcome.reason}")
    what = how(status).replace("exited with", "failed with")
    return outcome._replace(reason=f"pre-start {what}")


def health_check_failed(status: int | None, *, over_s: float | None = None) -> Outcome:
    """`over_s`: the longest time that was allowed, if it took longer."""
    if over_s is not None:
        return Outcome(
            None, None, False, False, f"health check took longer than {over_s:g} s", _NETWORK_FAULT
        )
    outcome = ended(status or 0)
    if outcome.exit_code == NETWORK_TIMEOUT:
        return outcome._replace(
            reason="health check failed: the network did not answer in time", fault=_NETWORK_FAULT
        )
    what = how(status or 0).replace("exited with", "failed with")
    return outcome._replace(reason=f"health check {what}")


def stopped(status: int | None) -> Outcome:
    """Ended because it was asked to, whatever the command made of it."""
    if status is None:
        return Outcome(None, None, False, True, "stopped by request")
    return ended(status)._replace(stopped=True, reason="stopped by request")


def failed(reason: str) -> Outcome:
    """Never ran, or could not be followed to its end."""
    return Outcome(None, None, False, False, reason)


def _signal(number: int) -> str:
    return f"{number} ({signal.Signals(number).name})" if _is_signal(number) else str(number)


def _is_signal(number: int) -> bool:
    return number in signal.valid_signals() and number in list(signal.Signals)


def _size(size_bytes: int) -> str:
    if size_bytes < 1024:
        return f"{size_bytes} bytes"
    power = min((size_bytes.bit_length() - 1) // 10, 4)
    return f"{size_bytes / 1024**power:.1f} {('', 'KiB', 'MiB', 'GiB', 'TiB')[power]}"
