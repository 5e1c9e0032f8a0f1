"""`python -m slipway.runtime.evaluate.serve_and_run --config FILE --out DIR --port N [--keys FILE]`

Evaluates several models one after the other. A model given by its files is served here for its
time, on the given port; a service is called where it is. Each model has its own folder
`DIR/models/<index>` with what `slipway.runtime.evaluate` writes. `DIR/models.json` says how far
each is, and `DIR/inference.log` holds what the servers printed. Started again on the same DIR it
goes on with what is missing. One model that fails does not stop the others.

The configuration is that of `slipway.runtime.evaluate`, with three differences: a model may have
`serve: {"model_env", "base_env", "max_model_len"}` in place of `base_url`; the files of a set are
below the directory that its `dir_env` names; keys come from a file of their own (index -> key).

Exit status: 0 every model has results, 1 one or more have none.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import httpx

from slipway.runtime.evaluate.config import parse
from slipway.runtime.evaluate.errors import ConfigError, EvaluationError
from slipway.runtime.evaluate.journal import write_atomically
from slipway.runtime.evaluate.results import RESULTS_FILE
from slipway.runtime.evaluate.run import evaluate

MODELS_FILE = "models.json"
INFERENCE_LOG = "inference.log"
READY_TIMEOUT_S = 1800.0
_GRACE_S = 10.0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="serve_and_run", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--keys", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(arguments)
    try:
        raw = _read(options.config)
        keys = _read(options.keys) if options.keys else {}
        return run(raw, keys, options.out, options.port)
    except EvaluationError as error:
        print(f"Error: {error}", file=sys.stderr, flush=True)
        return 1


def run(raw: dict[str, Any], keys: dict[str, str], out: Path, port: int) -> int:
    out.mkdir(parents=True, exist_ok=True)
    states = States(out, [model["name"] for model in raw["models"]])
    shared = {key: value for key, value in raw.items() if key != "models"}
    shared["sets"] = [_placed(question_set) for question_set in raw["sets"]]
    failed = 0
    for index, model in enumerate(raw["models"]):
        try:
            _run_model(index, model, keys.get(str(index)), shared, states, out, port)
        except EvaluationError as error:
            failed += 1
            states.change(index, state="failed", reason=str(error))
            print(f"Error: {model['name']}: {error}", file=sys.stderr, flush=True)
    return 1 if failed else 0


class States:
    """`models.json`: where each model is. Written at every change."""

    def __init__(self, out: Path, names: list[str]) -> None:
        self._path = out / MODELS_FILE
        self._models: list[dict[str, Any]] = [
            {"name": name, "state": "waiting", "reason": "", "deployment": None} for name in names
        ]
        self._write()

    def change(self, index: int, **values: Any) -> None:
        self._models[index] |= values
        self._write()

    def deploying(self, index: int) -> None:
        began = {"state": "deploying", "started_at": _now(), "ended_at": None}
        self.change(index, state="deploying", deployment=began)

    def deployed(self, index: int, state: str) -> None:
        ended = {**self._models[index]["deployment"], "state": state, "ended_at": _now()}
        self.change(index, deployment=ended)

    def _write(self) -> None:
        content = {"models": self._models, "updated_at": _now()}
        write_atomically(self._path, json.dumps(content, ensure_ascii=False, indent=1))


def _run_model(
    index: int,
    model: dict[str, Any],
    key: str | None,
    shared: dict[str, Any],
    states: States,
    out: Path,
    port: int,
) -> None:
    folder = out / "models" / str(index)
    if _is_complete(folder):
        states.change(index, state="completed")
        return
    model = dict(model)
    serve = model.pop("serve", None)
    if key:
        model["api_key"] = key
    if serve is None:
        _ask(index, model, shared, states, folder)
        return
    model["base_url"] = f"http://127.0.0.1:{port}/v1"
    states.deploying(index)
    command = _command(serve, model["model"], port)
    with _served(command, port, out / INFERENCE_LOG, index, states) as server:
        _ask(index, model, shared, states, folder)
        if server.poll() is not None:
            raise EvaluationError(
                f"The model's server ended during the evaluation (exit code {server.returncode}); "
                "see the inference log."
            )


def _ask(
    index: int, model: dict[str, Any], shared: dict[str, Any], states: States, folder: Path
) -> None:
    states.change(index, state="evaluating")
    content = evaluate(parse({**shared, "models": [model]}), folder)
    results = content["results"]
    if all(len(result["failed"]) == result["samples"] for result in results):
        raise EvaluationError(f"Not one question was answered: {_first_error(folder)}.")
    states.change(index, state="completed")
    for result in results:
        values = "  ".join(f"{name} {value:.4f}" for name, value in result["metrics"].items())
        print(f"{result['model']} on {result['set']}: {values}", flush=True)


@contextmanager
def _served(
    command: list[str], port: int, log: Path, index: int, states: States
) -> Iterator[subprocess.Popen[str]]:
    """The server of one model, ready to answer; gone when the block ends."""
    server = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace",
    )  # fmt: skip
    assert server.stdout is not None
    last = _LastLine()
    pump = threading.Thread(target=_pump, args=(server.stdout, log, last), daemon=True)
    pump.start()
    try:
        _wait_until_ready(server, port, last)
        states.deployed(index, "completed")
        yield server
    except EvaluationError:
        if server.poll() is not None:
            states.deployed(index, "failed")
        raise
    finally:
        _end(server)
        pump.join(_GRACE_S)
        server.stdout.close()


class _LastLine:
    text = ""


def _pump(lines: IO[str], log: Path, last: _LastLine) -> None:
    """In the form of an instance's log: time, category letter, text."""
    with log.open("a", encoding="utf-8", buffering=1) as file:
        for line in lines:
            text = line.rstrip("\n")
            last.text = text or last.text
            moment = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
            file.write(f"{moment} C {text}\n")


def _wait_until_ready(server: subprocess.Popen[str], port: int, last: _LastLine) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    url = f"http://127.0.0.1:{port}/health"
    with httpx.Client(trust_env=False, timeout=5) as client:
        while time.monotonic() < deadline:
            if server.poll() is not None:
                time.sleep(0.2)  # its last words are on their way
                raise EvaluationError(f"The model could not be served: {last.text or 'no reason'}")
            try:
                if client.get(url).status_code == 200:
                    return
            except httpx.TransportError:
                pass  # it does not listen yet
            time.sleep(0.1)
    raise EvaluationError(f"The model was not ready within {READY_TIMEOUT_S:g} s.")


def _end(server: subprocess.Popen[str]) -> None:
    server.terminate()
    try:
        server.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _command(serve: dict[str, Any], name: str, port: int) -> list[str]:
    command = [sys.executable, "-m", "slipway.runtime.serve.llm", "--host", "127.0.0.1"]
    command += ["--model-dir", _directory(serve["model_env"]), "--port", str(port)]
    command += ["--served-name", name, "--max-model-len", str(serve["max_model_len"])]
    if serve.get("base_env"):
        command += ["--base-dir", _directory(serve["base_env"])]
    return command


def _placed(question_set: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in question_set.items() if key != "dir_env"}
    directory = Path(_directory(question_set["dir_env"]))
    return rest | {"files": [str(directory / name) for name in question_set["files"]]}


def _directory(variable: str) -> str:
    try:
        return os.environ[variable]
    except KeyError:
        raise ConfigError(f"The environment variable {variable} is not set.") from None


def _is_complete(folder: Path) -> bool:
    """Whether an earlier start got every answer."""
    try:
        results = _read(folder / RESULTS_FILE)["results"]
    except (EvaluationError, KeyError):
        return False
    return all(not result["failed"] for result in results)


def _first_error(folder: Path) -> str:
    with (folder / "samples.jsonl").open(encoding="utf-8") as file:
        return str(json.loads(next(file))["error"])


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{path}: is not JSON: {error}") from error
    return content


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    sys.exit(main())
