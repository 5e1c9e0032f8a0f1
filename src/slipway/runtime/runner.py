"""One instance, from its spec to its exit status.

The runner is forked by the agent and outlives it. What it tells the rest of the platform, it
tells through files of the instance directory; the control plane finds it by pid and start time.

Starting is at most once: whoever holds the lock runs the instance, and an instance whose runner
died without a word is not run again but closed, with an exit status that says so.
"""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Callable
from typing import Any

from slipway.runtime import gpu_share, limits, linux, outcome
from slipway.runtime.container import (
    ENGINE_FAILED,
    client_environment,
    container_of,
    remove_left_behind,
)
from slipway.runtime.identity import boot_id, is_alive, start_ticks
from slipway.runtime.launch import (
    ON_LINUX,
    CouldNotStart,
    Namespaces,
    Prepared,
    Program,
    Started,
    prepare,
)
from slipway.runtime.logpump import LogFile
from slipway.runtime.nodefaults import fault_in, kernel_records
from slipway.runtime.outcome import Outcome
from slipway.runtime.proctree import holds_variable, processes
from slipway.runtime.sampler import Sampler
from slipway.runtime.spec import Argv, BadSpec, HealthCheck, Spec, load_spec
from slipway.runtime.stacks import dump
from slipway.runtime.state import read_json, reserve, timestamp, write_json, write_reserved
from slipway.runtime.supervisor import Supervisor, become_subreaper
from slipway.runtime.surroundings import container_environment, environment, stop_file
from slipway.runtime.view import (
    View,
    fault_in_sources,
    located,
    make_view,
    platform_paths,
    write_files,
)

Answer = dict[str, Any]
_LOCK_SETTLES_S = 5.0
# Of the hang limit: an instance that printed something shortly before was not the one that hung.
_SURELY_QUIET = 0.9


def run(directory: str, answer: Callable[[Answer], None]) -> None:
    """Run the instance in `directory` to its end, or answer with what is there already.

    `answer` is called once, as soon as it is known whether the instance runs.
    """
    try:
        lock = _take_lock(directory)
        if lock is None:
            answer(_answer_of_lock_holder(directory))
            return
        if _is_lost(directory):
            _close(directory)
        if os.path.exists(f"{directory}/exit.json"):
            answer(_answer(read_json(f"{directory}/runner.json") or {}))
            return
        runner = Runner(directory, load_spec(f"{directory}/spec.json"))
    except BadSpec as error:
        answer({"ok": False, "reason": str(error)})
        return
    except OSError as error:
        answer(
            {
                "ok": False,
                "reason": f"could not use {error.filename or directory}: {error.strerror}",
            }
        )
        return
    answer(_answer(runner.identity))
    runner.run()


def close_if_lost(directory: str) -> None:
    """End an instance whose runner was killed. Never starts one."""
    if _is_lost(directory) and _take_lock(directory) is not None and _is_lost(directory):
        _close(directory)


def _is_lost(directory: str) -> bool:
    """It was started and has not ended. To be asked by the holder of the lock."""
    started = os.path.exists(f"{directory}/runner.json")
    return started and not os.path.exists(f"{directory}/exit.json")


def _take_lock(directory: str) -> int | None:
    """The descriptor that holds the lock; None if somebody else runs the instance.

    A runner that has just begun says who it is in a moment. One that was just killed may have
    left a child between fork and exec, which still holds the lock for a moment.
    """
    fd = os.open(f"{directory}/lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + _LOCK_SETTLES_S
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return fd
        except BlockingIOError:
            if _is_run_by_somebody(directory) or time.monotonic() > deadline:
                os.close(fd)
                return None
            time.sleep(0.005)


def _is_run_by_somebody(directory: str) -> bool:
    who = read_json(f"{directory}/runner.json")
    return who is not None and is_alive(who["pid"], who["start_ticks"], who["boot_id"])


def _answer(identity: dict[str, Any]) -> Answer:
    ticks = identity.get("start_ticks")
    return {"ok": True, "pid": identity.get("pid"), "start_ticks": ticks}


def _answer_of_lock_holder(directory: str) -> Answer:
    identity = read_json(f"{directory}/runner.json")
    if identity is None:
        return {"ok": False, "reason": f"{directory} is locked by a process that says nothing"}
    return _answer(identity)


def _close(directory: str) -> None:
    """Kill what a killed runner left behind and write down how the instance ended."""
    before = read_json(f"{directory}/runner.json") or {}
    same_boot = before.get("boot_id") == boot_id()
    if same_boot:
        _kill_leftovers(directory, before)
        reason = "the instance's runner was killed"
    else:
        reason = "the machine was restarted while the instance was running"
    remove_left_behind(directory)
    LogFile(f"{directory}/log").note(f"Ended: {reason}.")
    _write_exit(directory, outcome.failed(reason))


def _kill_leftovers(directory: str, before: dict[str, Any]) -> None:
    groups = [str(path) for path in before.get("cgroups", [])]
    mark = f"SLIPWAY_METRICS_FILE={directory}/metrics.jsonl"
    session = before.get("command_pid")
    while True:
        limits.kill_members(groups)
        left = [
            process.pid
            for process in processes()
            if process.state not in "ZX"
            and (process.session == session or holds_variable(process.pid, mark))
        ]
        if not left:
            break
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)
    limits.remove_groups(groups)


def _write_exit(directory: str, ended: Outcome) -> None:
    value = {**ended._asdict(), "ended_at": timestamp()}
    if ended.fault is None:
        del value["fault"]
    write_reserved(f"{directory}/exit.json", value)


class Runner:
    """Holds the instance's lock by being alive. Raises OSError if it cannot even begin."""

    def __init__(self, directory: str, spec: Spec) -> None:
        self._directory, self._spec = directory, spec
        self._metrics_file = f"{directory}/metrics.jsonl"
        self._log = LogFile(f"{directory}/log")
        with open(self._metrics_file, "ab"):
            pass  # it must exist to be bound, and a chart without points is no error
        reserve(f"{directory}/exit.json")
        self._cgroup, notes = limits.create(spec.instance_id, spec.limits)
        if spec.gpu_share is not None and not gpu_share.is_enforced():
            notes.append(gpu_share.NOTE)
        self.identity: dict[str, Any] = {
            "pid": os.getpid(),
            "start_ticks": start_ticks(os.getpid()),
            "boot_id": boot_id(),
            "started_at": timestamp(),
            "namespace": False,
            "limits": {name: name in self._cgroup.enforced for name in ("memory", "cpu", "pids")},
            "notes": notes,
            "cgroups": self._cgroup.paths,
            # Whether something runs before the command, which begins with `command_pid`.
            "prelude": spec.pre_start is not None or spec.health_check is not None,
        }
        self._began_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        try:
            self._write_identity()
        except OSError:
            self._cgroup.remove()
            raise
        self._view: View | None = None
        self._inside: Namespaces | None = None
        self._hooks: list[Argv] = []
        self._stop_deadline = ""
        self._container = container_of(spec.image, spec.instance_id)

    def run(self) -> None:
        become_subreaper()
        self._supervisor = Supervisor(
            log=self._log,
            cgroup=self._cgroup,
            sampler=self._make_sampler(),
            samples_path=f"{self._directory}/samples.jsonl",
            sample_interval_s=self._spec.sample_interval_s,
            grace_s=self._spec.grace_s,
            run_hook=self._run_hook,
            on_stop=self._announce_stop,
        )
        try:
            ended = self._run_programs()
        except CouldNotStart as error:
            ended = outcome.failed(f"could not start: {error}")
        except Exception as error:  # noqa: BLE001 - nobody is left above who could report it
            ended = outcome.failed(f"the instance's runner failed: {error!r}")
        self._finish(ended)

    def _run_programs(self) -> Outcome:
        self._prepare_view()
        spec, supervisor = self._spec, self._supervisor
        if spec.pre_start is not None:
            self._log.note("Running pre-start.")
            status = self._follow(spec.pre_start, "P")
            if supervisor.asked_to_stop:
                return outcome.stopped(None)
            if status is None or status != 0:
                return outcome.pre_start_failed(status or 0, oom_limit_bytes=self._oom_limit())
        if supervisor.asked_to_stop:
            return outcome.stopped(None)
        if spec.health_check is not None and (sick := self._check_health(spec.health_check)):
            return sick
        if supervisor.asked_to_stop:
            return outcome.stopped(None)
        self._hooks = list(spec.pre_stop)
        status = self._follow(spec.argv, "C")
        if supervisor.asked_to_stop or status is None:
            return outcome.stopped(status)
        if self._container is not None and os.waitstatus_to_exitcode(status) == ENGINE_FAILED:
            return outcome.container_failed()
        return self._with_fault(outcome.ended(status, oom_limit_bytes=self._oom_limit()))

    def _check_health(self, check: HealthCheck) -> Outcome | None:
        """How it failed, or None."""
        self._log.note("Running the health check.")
        # Its own environment: what it finds must not depend on what the user has set.
        started = self._go(*self._prepare(check.argv, self._spec._replace(env=check.env)))
        limit_s, supervisor = check.limit_s, self._supervisor
        status = supervisor.follow(started.pid, started.output, "H", limit_s)
        if supervisor.over_time:
            return outcome.health_check_failed(None, over_s=limit_s)
        if supervisor.asked_to_stop or status == 0:
            return None
        return outcome.health_check_failed(status)

    def _with_fault(self, ended: Outcome) -> Outcome:
        """A failure on cards may be the machine's: the kernel knows."""
        if ended.exit_code == 0 or not self._spec.gpus:
            return ended
        return ended._replace(fault=fault_in(kernel_records(), self._began_us))

    def _announce_stop(self, quiet_s: float) -> None:
        """A stop has begun: say until when, and if nothing moved for long, where everything stands."""
        deadline = timestamp(time.time() + self._spec.grace_s)
        path = stop_file(self._spec)
        with contextlib.suppress(OSError):
            if path is not None:
                write_json(path, {"deadline": deadline})
        self._stop_deadline = deadline
        hang_s = self._spec.hang_s
        if hang_s is not None and quiet_s >= hang_s * _SURELY_QUIET and ON_LINUX:
            dump(os.getpid(), self._log.note)

    def _prepare_view(self) -> None:
        fault = fault_in_sources(self._spec)
        if fault:
            raise CouldNotStart(fault)
        try:
            write_files(self._spec, self._directory)
            if self._spec.isolate and ON_LINUX:
                self._view = make_view(self._spec, self._directory, self._metrics_file)
        except OSError as error:
            raise CouldNotStart(f"could not write {error.filename}: {error.strerror}") from error

    def _follow(self, argv: Argv, category: str) -> int | None:
        """Run one program to its end; the main one is noted in runner.json before it starts."""
        inside = self._container is not None and category == "C"
        prepared, program = self._prepare(argv, inside=inside)
        self.identity["namespace"] = inside or program.view is not None
        if category == "C":
            self.identity["command_pid"] = prepared.pid
            self.identity["command_start_ticks"] = start_ticks(prepared.pid)
            self._write_identity()
            where = f" of the image {self._spec.image.reference}" if self._spec.image else ""
            workdir = self._spec.workdir if inside else program.workdir
            self._log.note(f"Starting the command in {workdir}{where}.")
        started = self._go(prepared, program)
        return self._supervisor.follow(started.pid, started.output, category)

    def _prepare(
        self, argv: Argv, spec: Spec | None = None, *, inside: bool = False
    ) -> tuple[Prepared, Program]:
        """`spec` where it differs from the instance's own; `inside` its container, if it has one."""
        program = self._client(argv) if inside else self._program(argv, spec or self._spec)
        try:
            return prepare(program), program
        except CouldNotStart as error:
            if not error.namespace_refused:
                raise
            self._do_without_namespace(str(error))
            program = self._program(argv, spec or self._spec)
            return prepare(program), program

    def _go(self, prepared: Prepared, program: Program) -> Started:
        started = prepared.go(program)
        self._inside = self._inside or started.namespaces
        for note in started.notes:
            self._note(note)
        return started

    def _do_without_namespace(self, why: str) -> None:
        self._view = None
        self._note(f"Paths are not isolated: {why}.")

    def _note(self, text: str) -> None:
        self.identity["notes"].append(text)
        self._log.note(text)

    def _program(self, argv: Argv, spec: Spec) -> Program:
        namespace = self._view is not None
        return Program(
            argv=argv,
            env=environment(spec, self._directory, self._metrics_file, namespace),
            workdir=spec.workdir if namespace else located(spec.workdir, spec, self._directory),
            view=self._view,
            inside=self._inside,
            cgroup=self._cgroup,
        )

    def _client(self, argv: Argv) -> Program:
        """The engine's client. It needs no view: the engine makes the container's."""
        assert self._container is not None
        env = container_environment(self._spec, self._directory, self._metrics_file)
        return Program(
            argv=self._container.run_words(argv, self._spec, self._directory, self._metrics_file, env),
            env=client_environment(env), workdir="/", view=None, inside=None, cgroup=self._cgroup,
        )  # fmt: skip

    def _run_hook(self) -> tuple[int, int] | None:
        while self._hooks:
            argv = self._hooks.pop(0)
            if self._container is not None:
                argv = self._container.exec_words(argv)
            try:
                env = self._spec.env | {"SLIPWAY_STOP_DEADLINE": self._stop_deadline}
                started = self._go(*self._prepare(argv, self._spec._replace(env=env)))
            except CouldNotStart as error:
                self._log.note(f"Pre-stop could not start: {error}.")
                continue
            return started.pid, started.output
        return None

    def _oom_limit(self) -> int | None:
        killed = self._cgroup.oom_kills() or (
            self._container is not None and self._container.was_out_of_memory()
        )
        return self._spec.limits.memory_bytes if killed else None

    def _make_sampler(self) -> Sampler | None:
        if not ON_LINUX:
            return None
        return Sampler(os.getpid(), self._spec.limits, self._spec.gpus, self._cgroup)

    def _write_identity(self) -> None:
        write_json(f"{self._directory}/runner.json", self.identity)

    def _finish(self, ended: Outcome) -> None:
        supervisor = self._supervisor
        supervisor.kill_everything()
        if self._container is not None:
            self._container.remove()
        supervisor.drain()
        if supervisor.log_failed:
            why = f"the log could not be written: {supervisor.log_failed}"
            ended = outcome.failed(why)
        self._log.note(f"Ended: {ended.reason}.")
        self._cgroup.remove()
        _write_exit(self._directory, ended)


def warm_up() -> None:
    """What is the same for all runners is found out once, before the first is forked."""
    boot_id()
    limits.hierarchies()
    platform_paths()


def name_runner(instance_directory: str) -> None:
    """Show in process lists which instance this is."""
    if ON_LINUX:
        linux.name_process("slipway:" + os.path.basename(instance_directory)[:7])
