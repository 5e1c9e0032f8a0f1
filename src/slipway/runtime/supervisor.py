"""The loop of a running instance: output, samples, stopping, and the death of every process.

One thread, one poll. Signals only set a flag and wake the poll; everything else happens here.
"""

import contextlib
import json
import os
import select
import signal
import time
from collections.abc import Callable

from slipway.runtime import linux
from slipway.runtime.launch import ON_LINUX
from slipway.runtime.limits import Cgroup
from slipway.runtime.logpump import LineSplitter, LogFile
from slipway.runtime.proctree import descendants
from slipway.runtime.sampler import Sampler

# How long the log may be refused (disk full) before the instance is ended for it. Until then
# the command is held up by its full pipe, and nothing is lost if space comes back.
LOG_STALL_LIMIT_S = 60.0

# Graceful, and at once. Blocked until the supervisor listens.
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

_READ_BYTES = 256 * 1024
_FIRST_SAMPLE_S = 1.0
_RETRY_LOG_S = 0.5
_LOOK_AT_GROUP_S = 0.02
_AFTER_PRE_STOP_S = 2.0
_OPEN_PIPE_S = 0.5


class Supervisor:
    """Watches over the programs of one instance.

    `sampler` may be None. `run_hook` starts the next pre-stop program and returns (pid, output),
    or None when there is none left. `on_stop` is called once when a graceful stop begins, with the
    seconds since the last output.
    """

    def __init__(
        self,
        log: LogFile,
        cgroup: Cgroup,
        sampler: Sampler | None,
        samples_path: str,
        sample_interval_s: float,
        grace_s: float,
        run_hook: Callable[[], tuple[int, int] | None],
        on_stop: Callable[[float], None] = lambda _quiet_s: None,
    ) -> None:
        self._log, self._cgroup = log, cgroup
        self._sampler, self._samples_path = sampler, samples_path
        self._sample_interval_s, self._grace_s = sample_interval_s, grace_s
        self._run_hook, self._on_stop_begins = run_hook, on_stop
        self._last_output = time.monotonic()
        self._limit: float | None = None  # of the program that is followed
        self.over_time = False
        self._next_sample = time.monotonic() + min(_FIRST_SAMPLE_S, sample_interval_s)
        self._sources: dict[int, LineSplitter] = {}
        self._poll, self._poll_signals = select.poll(), select.poll()
        self._statuses: dict[int, int] = {}
        self._main = 0
        self._hook: int | None = None
        self._deadline: float | None = None  # of the grace period
        self._terminated = False
        self._killed = False
        self.asked_to_stop = False
        self._at_once = False
        self._listen()

    # -- what the runner calls -------------------------------------------------------------

    def follow(
        self, pid: int, output: int, category: str, limit_s: float | None = None
    ) -> int | None:
        """Until `pid` has ended, and while stopping also its group. Returns its wait status.

        After `limit_s` everything is killed, and `over_time` is set.
        """
        self._main = pid
        self._limit = None if limit_s is None else time.monotonic() + limit_s
        self.pump(output, category)
        while not self._is_over():
            self._turn()
        return self._statuses.get(pid)

    def pump(self, output: int, category: str) -> None:
        """From now on the output of a program goes to the log."""
        os.set_blocking(output, False)
        self._sources[output] = LineSplitter(category)
        self._poll.register(output, select.POLLIN)

    def kill_everything(self) -> None:
        """No process of the instance is left when this returns."""
        self._killed = True
        pause_s = 0.001
        while self._reap() or not self._cgroup.is_empty():
            self._kill_once()
            self._drain_now()
            time.sleep(pause_s)
            pause_s = min(0.1, pause_s * 2)

    def drain(self) -> None:
        """Everything that was printed reaches the log, including an unfinished last line."""
        quiet_since = time.monotonic()
        while self._sources and time.monotonic() - quiet_since < _OPEN_PIPE_S:
            # With all processes dead a pipe is at its end, unless something outside the
            # instance holds it too; then half a second of silence is the end.
            if self._drain_now() or self._wait_for_log():
                quiet_since = time.monotonic()
            elif self._sources:
                time.sleep(0.005)
        for splitter in self._sources.values():
            self._write(splitter.close())
        self._sources.clear()
        while self._wait_for_log():
            pass

    @property
    def log_failed(self) -> str | None:
        """Why the log could not be written, once that has lasted too long."""
        lasted_s = time.monotonic() - self._log.trouble_since
        return self._log.trouble if lasted_s > LOG_STALL_LIMIT_S else None

    # -- signals ---------------------------------------------------------------------------

    def _listen(self) -> None:
        self._wake, write_end = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(write_end, False)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        self._poll.register(self._wake, select.POLLIN)
        self._poll_signals.register(self._wake, select.POLLIN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def _on_stop(self, number: int, _frame: object) -> None:
        self.asked_to_stop = True
        self._at_once = self._at_once or number == signal.SIGINT

    # -- one turn --------------------------------------------------------------------------

    def _turn(self) -> None:
        # While the log takes nothing, nothing is read either: the pipe holds the command up.
        poll = self._poll if self._retry_log() else self._poll_signals
        for fd, _ in poll.poll(self._timeout_ms()):
            if fd in self._sources:
                self._read(fd)
            elif fd == self._wake:
                _empty(self._wake)
                self._reap()
        for splitter in self._sources.values():
            self._write(splitter.idle())
        self._sample_if_due()
        if self.asked_to_stop and not self._killed:
            self._go_on_stopping()
        if self.log_failed and not self._killed:
            self.kill_everything()
        if self._limit is not None and time.monotonic() >= self._limit and not self._killed:
            self.over_time = True
            self.kill_everything()

    def _timeout_ms(self) -> float:
        now = time.monotonic()
        waits = [self._next_sample - now] if self._sampler else []
        if any(splitter.is_drawing for splitter in self._sources.values()):
            waits.append(1.0)
        if self._log.trouble:
            waits.append(_RETRY_LOG_S)
        if self._limit is not None:
            waits.append(self._limit - now)
        if self._deadline is not None:
            waits.append(self._deadline - now)
            if self._main in self._statuses:
                waits.append(_LOOK_AT_GROUP_S)
        return max(0.0, min(waits) * 1000) if waits else -1

    def _is_over(self) -> bool:
        if self._main not in self._statuses:
            return False
        if not self.asked_to_stop or self._killed:
            return True
        # The shell may die of SIGTERM while a program of its group still saves its state.
        return self._terminated and not self._group_lives()

    def _group_lives(self) -> bool:
        if not ON_LINUX:
            return False
        tree = descendants(os.getpid())
        return any(p.group == self._main and p.state not in "ZX" for p in tree)

    def _sample_if_due(self) -> None:
        now = time.monotonic()
        if self._sampler is None or now < self._next_sample:
            return
        self._next_sample = now + self._sample_interval_s
        line = json.dumps(self._sampler.sample()).encode() + b"\n"
        try:
            with open(self._samples_path, "ab", buffering=0) as file:
                file.write(line)
        except OSError:
            pass  # a missing sample is a gap in a chart, no reason to disturb the command

    # -- stopping --------------------------------------------------------------------------

    def _go_on_stopping(self) -> None:
        now = time.monotonic()
        if self._at_once:
            self.kill_everything()
            return
        if self._deadline is None:
            self._deadline = now + self._grace_s
            self._log.note("Stop requested.")
            self._on_stop_begins(now - self._last_output)
        if not self._terminated:
            self._go_on_with_hooks(now)
        elif now >= self._deadline:
            self._log.note(f"Not ended {self._grace_s:g} s after the request: killing it.")
            self.kill_everything()

    def _go_on_with_hooks(self, now: float) -> None:
        """Run the pre-stop programs one after the other, then send SIGTERM."""
        assert self._deadline is not None
        late = now >= self._deadline
        if self._hook is not None and self._hook not in self._statuses:
            if not late:
                return
            self._log.note("Pre-stop took too long and was killed.")
            _signal_group(self._hook, signal.SIGKILL)
        if self._main not in self._statuses and not late:
            started = self._run_hook()
            if started is not None:
                self._hook = started[0]
                self.pump(started[1], "P")
                return
        if self._hook is not None:
            self._deadline = max(self._deadline, now + _AFTER_PRE_STOP_S)
        self._terminated = True
        _signal_group(self._main, signal.SIGTERM)

    # -- processes -------------------------------------------------------------------------

    def _reap(self) -> bool:
        """Collect what has died. True while there are children left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid in (self._main, self._hook):
                self._statuses[pid] = status

    def _kill_once(self) -> None:
        self._cgroup.kill()
        for group in (self._main, self._hook):
            if group:
                _signal_group(group, signal.SIGKILL)
        for process in descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)

    # -- output ----------------------------------------------------------------------------

    def _read(self, fd: int) -> bool:
        """Log one chunk; False if there was none."""
        try:
            data = os.read(fd, _READ_BYTES)
        except BlockingIOError:
            return False
        if data:
            self._last_output = time.monotonic()
            self._write(self._sources[fd].feed(data))
            return True
        self._poll.unregister(fd)
        os.close(fd)
        self._write(self._sources.pop(fd).close())
        return False

    def _drain_now(self) -> bool:
        """Read what lies ready; False if there was nothing or the log takes nothing."""
        any_read = False
        for fd in list(self._sources):
            while not self._log.trouble and fd in self._sources and self._read(fd):
                any_read = True
        return any_read

    def _write(self, data: bytes) -> None:
        if data:
            self._log.write(data)

    def _retry_log(self) -> bool:
        """Offer what waits again. True if the log takes everything."""
        if self._log.trouble:
            self._log.flush()
        return self._log.trouble is None

    def _wait_for_log(self) -> bool:
        """Give a full disk a moment. False if there is nothing to wait for any more."""
        if self._retry_log() or self.log_failed or self._at_once:
            return False
        time.sleep(_RETRY_LOG_S)
        return True


def become_subreaper() -> None:
    if ON_LINUX:
        linux.adopt_orphans()


def _signal_group(pid: int, number: int) -> None:
    # Gone already; macOS says "not permitted" for a group of zombies.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _empty(fd: int) -> None:
    try:
        while os.read(fd, 4096):
            pass
    except BlockingIOError:
        pass
