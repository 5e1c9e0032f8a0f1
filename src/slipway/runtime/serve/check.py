"""Try a model package before it is deployed: `python -m slipway.runtime.serve.check PACKAGE`.

Looks at the files, resolves the requirements without installing them, starts the real server on a
free port, sends test.json, holds the answer to expected.json where there is one, asks again for the
latency, and measures the memory. Every finding is a line; one that failed makes the status 1.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.runtime.serve.formats import find_format
from slipway.runtime.serve.requirements import missing_requirements

PREDICT = "/v1/models/m:predict"
HOOKS = ("load", "preprocess", "predict", "postprocess")
_REPEATS = 20
_SAMPLE_S = 0.1


@dataclass(frozen=True)
class Finding:
    """level: ok, note or failed."""

    name: str
    level: str
    text: str

    def __str__(self) -> str:
        mark = {"ok": "ok    ", "note": "note  ", "failed": "FAILED"}[self.level]
        return f"{mark} {self.name}: {self.text}"


def check(package: Path, *, timeout_s: float = 300.0, run: bool = True) -> Iterator[Finding]:
    """Findings as they are made; stops after the first that makes the next ones senseless."""
    source = package / "model_service.py"
    found = None if source.is_file() else find_format(package)
    if found is not None and found.missing() is None:
        yield Finding("package", "ok", f"{package}, a model of the format {found.name}")
        yield from _try(package, timeout_s) if run else ()
        return
    if not source.is_file():
        text = f"model_service.py not found in {package}; a model package has this file at its top"
        yield Finding("package", "failed", text)
        return
    yield Finding("package", "ok", str(package))
    hooks = _look_at_source(source)
    yield hooks
    if hooks.level == "failed":
        return
    requirements = _requirements(package / "requirements.txt")
    yield requirements
    if run and requirements.level != "failed":
        yield from _try(package, timeout_s)


def _look_at_source(source: Path) -> Finding:
    """Without running it: a class with hooks, or calls of append_worker."""
    try:
        tree = ast.parse(source.read_bytes(), str(source))
    except (SyntaxError, ValueError) as error:
        return Finding("model_service.py", "failed", f"it is no Python: {error}")
    models = {
        node.name: [f.name for f in node.body if isinstance(f, ast.FunctionDef) and f.name in HOOKS]
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(_named(base, "Model") for base in node.bases)
    }
    workers = sum(
        isinstance(node, ast.Call) and _named(node.func, "append_worker") for node in ast.walk(tree)
    )
    if models:
        told = "; ".join(
            f"class {name} with {', '.join(h) or 'no hook'}" for name, h in models.items()
        )
        if "predict" not in {hook for hooks in models.values() for hook in hooks}:
            return Finding("hooks", "note", f"{told}: without predict a request is its own answer")
        return Finding("hooks", "ok", told)
    if workers:
        return Finding("hooks", "ok", f"{workers} stage(s) by append_worker")
    text = "neither a subclass of tiinfer.Model nor a call of tiinfer.append_worker is in the file"
    return Finding("hooks", "note", f"{text}; the server will tell whether an import brings one")


def _named(node: ast.expr, name: str) -> bool:
    return (isinstance(node, ast.Name) and node.id == name) or (
        isinstance(node, ast.Attribute) and node.attr == name
    )


def _requirements(file: Path) -> Finding:
    if not file.is_file():
        return Finding("requirements.txt", "ok", "there is none; nothing is installed")
    missing = missing_requirements(file.read_text(encoding="utf-8"))
    if not missing:
        return Finding("requirements.txt", "ok", "everything is installed already")
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "-r", str(file.absolute())]
    result = subprocess.run(command, check=False, capture_output=True, text=True, cwd=file.parent)
    if result.returncode:
        reason = (result.stderr.strip() or result.stdout.strip()).splitlines() or ["pip failed"]
        return Finding("requirements.txt", "failed", f"it cannot be resolved: {reason[-1]}")
    return Finding("requirements.txt", "ok", f"resolves; would be installed: {', '.join(missing)}")


def _try(package: Path, timeout_s: float) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory(prefix="slipway-check-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "slipway.runtime.serve.package", "--port", str(port)]
        command += ["--model-dir", str(package), "--host", "127.0.0.1"]
        with log.open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
        try:
            yield from _ask(process, port, package, log, timeout_s)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, 9)
                process.wait()


def _ask(
    process: subprocess.Popen[bytes], port: int, package: Path, log: Path, timeout_s: float
) -> Iterator[Finding]:
    url = f"http://127.0.0.1:{port}"
    began = time.monotonic()
    while _status(f"{url}/readyz") != 200:
        if process.poll() is not None:
            yield Finding("start", "failed", f"the server ended: {_last_lines(log)}")
            return
        if time.monotonic() - began > timeout_s:
            yield Finding("start", "failed", f"not ready after {timeout_s:g} s: {_last_lines(log)}")
            return
        time.sleep(_SAMPLE_S)
    yield Finding("start", "ok", f"ready after {time.monotonic() - began:.1f} s")
    yield from _test(url, package)
    peak = sum(_peak_bytes(pid) for pid in _group(process.pid)) / 2**20
    yield Finding("memory", "ok", f"{peak:.0f} MiB at most, over all processes")


def _test(url: str, package: Path) -> Iterator[Finding]:
    test = package / "test.json"
    if not test.is_file():
        yield Finding("test.json", "note", "there is none, so no request was tried")
        return
    body = test.read_bytes()
    status, answer = _post(url + PREDICT, body)
    if status != 200:
        text = answer.decode(errors="replace")[:300]
        yield Finding("test.json", "failed", f"the answer has the status {status}: {text}")
        return
    expected = package / "expected.json"
    if not expected.is_file():
        yield Finding("test.json", "ok", f"answered: {answer.decode(errors='replace')[:200]}")
    elif same(json.loads(answer), json.loads(expected.read_bytes())):
        yield Finding("test.json", "ok", "the answer is that of expected.json")
    else:
        told = answer.decode(errors="replace")[:300]
        yield Finding("test.json", "failed", f"the answer is not that of expected.json: {told}")
        return
    times = []
    for _ in range(_REPEATS):
        began = time.perf_counter()
        _post(url + PREDICT, body)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    text = f"median {times[len(times) // 2]:.1f} ms, slowest of {_REPEATS} {times[-1]:.1f} ms"
    yield Finding("latency", "ok", text)


def same(found: Any, wanted: Any) -> bool:
    """Equal, with room for the last digits of floating-point numbers."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, int | float) and isinstance(wanted, int | float):
        return math.isclose(found, wanted, rel_tol=1e-3, abs_tol=1e-4)
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[k], wanted[k]) for k in found)
    return bool(found == wanted)


def _post(url: str, body: bytes) -> tuple[int, bytes]:
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=120) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except OSError as error:
        return 0, str(error).encode()


def _status(url: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def _last_lines(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return " | ".join(lines[-3:]) or "it said nothing"


def _group(leader: int) -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                if os.getpgid(int(name)) == leader:
                    found.append(int(name))
    return found


def _peak_bytes(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="slipway.runtime.serve.check", description=__doc__)
    parser.add_argument("package", type=Path)
    parser.add_argument("--no-run", action="store_true", help="look at the files only")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds to get ready")
    arguments = parser.parse_args(argv)
    failed = False
    found = check(
        arguments.package.absolute(), timeout_s=arguments.timeout, run=not arguments.no_run
    )
    for finding in found:
        print(finding, flush=True)
        failed |= finding.level == "failed"
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
