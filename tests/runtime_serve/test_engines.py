"""The engines behind one contract: readiness, names, tokens counted, load; or why they cannot."""

import json
import os
import sys
from pathlib import Path

import pytest

from slipway.runtime.serve.checkpoint import CheckpointError
from slipway.runtime.serve.engines import (
    OTHERS,
    OWN_GAUGES,
    READINESS_PATH,
    EngineName,
    Load,
    Wanted,
    choose_engine,
    llama_server,
)

from .servers import free_port, running
from .tiny_gguf import write_gguf
from .tiny_model import write_model

LLAMA_SERVER = llama_server()
needs_llama_server = pytest.mark.skipif(
    LLAMA_SERVER is None, reason="no llama-server on the PATH, nor named by LLAMA_SERVER"
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("models") / "tiny", max_len=512)


@pytest.fixture(scope="module")
def gguf(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gguf") / "tiny-gguf"
    write_gguf(model, folder / "tiny-f32.gguf")
    return folder


def llm(model: Path, engine: str, cwd: Path, *options: str, **env: str):
    port = free_port()
    arguments = ["-m", "slipway.runtime.serve.llm", "--model-dir", str(model), "--engine", engine]
    arguments += ["--port", str(port), "--served-name", "tiny", "--max-model-len", "256"]
    return running([*arguments, *options], port, cwd, env)


def words_of(server, name: str = "tiny", tokens: int = 24) -> tuple[str, dict]:
    body = {"model": name, "prompt": "hello world", "max_tokens": tokens, "temperature": 0}
    answer = server.http.post("/v1/completions", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["choices"][0]["text"], answer.json()["usage"]


def counted_in_a_stream(server, name: str = "tiny") -> int:
    body = {
        "model": name, "max_tokens": 5, "stream": True, "stream_options": {"include_usage": True},
        "messages": [{"role": "user", "content": "hello"}], "temperature": 0,
    }  # fmt: skip
    usages = []
    with server.http.stream("POST", "/v1/chat/completions", json=body) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: {"):
                usages.append(json.loads(line[6:]).get("usage"))
    return next(usage for usage in reversed(usages) if usage)["completion_tokens"]


def gauges_of(server, path: str) -> set[str]:
    lines = server.http.get(path).text.splitlines()
    return {line.split("{")[0].split()[0] for line in lines if line and line[0] != "#"}


@pytest.fixture(scope="module")
def expected(model, tmp_path_factory):
    """What our own engine answers from the full weights."""
    with llm(model, "slipway", tmp_path_factory.mktemp("run")) as server:
        server.wait_ready(READINESS_PATH)
        assert counted_in_a_stream(server) == 5
        assert set(OWN_GAUGES.values()) <= gauges_of(server, "/metrics")
        return words_of(server)


def test_our_engine_reads_a_gguf_file(gguf, expected, tmp_path):
    with llm(gguf, "slipway", tmp_path) as server:
        assert words_of(server.wait_ready(READINESS_PATH)) == expected
        assert counted_in_a_stream(server) == 5


@needs_llama_server
def test_llama_cpp_is_taken_for_a_gguf_file_and_says_the_same(gguf, expected, tmp_path):
    with llm(gguf, "auto", tmp_path) as server:
        server.wait_ready(READINESS_PATH)
        assert "engine: llama.cpp" in server.output()
        text, usage = words_of(server)
        assert (text, usage["completion_tokens"]) == (expected[0], expected[1]["completion_tokens"])
        assert counted_in_a_stream(server) == 5
        assert set(OTHERS[EngineName.LLAMACPP].gauges.values()) <= gauges_of(server, "/metrics")


@pytest.mark.slow
def test_transformers_serve_with_continuous_batching(model, expected, tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    with llm(model, "transformers", tmp_path, "--max-batch", "2") as server:
        server.wait_ready(READINESS_PATH)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: words_of(server, str(model), 8), range(4)))
        assert {text for text, _ in answers} == {answers[0][0]}
        assert expected[0].startswith(answers[0][0])
        assert {usage["completion_tokens"] for _, usage in answers} == {8}
        assert counted_in_a_stream(server, str(model)) == 5


@pytest.mark.parametrize("engine", ["vllm", "sglang", "llama.cpp"])
def test_an_engine_that_is_not_there_says_what_to_do(model, gguf, engine, tmp_path):
    env = {"LLAMA_SERVER": "/nowhere/llama-server"}
    with llm(gguf if engine == "llama.cpp" else model, engine, tmp_path, **env) as server:
        assert server.wait_exit() == 1
        assert f"The engine {engine} cannot be used: " in server.output()
        wanted = (
            "llama-server" if engine == "llama.cpp" else f"the package {engine} is not installed"
        )
        assert wanted in server.output()
        assert "Traceback" not in server.output()


def wanted_of(model: Path, **changes) -> Wanted:
    values = {"names": ("tiny", "other"), "host": "127.0.0.1", "port": 8000, "max_len": 99}
    return Wanted(model=model, **(values | changes))


def after(command: list[str], option: str) -> str:
    return command[command.index(option) + 1]


def test_vllm_is_told_the_names_the_limit_and_the_adapter(tmp_path):
    (tmp_path / "adapter_config.json").write_text('{"r": 12}')
    engine = OTHERS[EngineName.VLLM]
    plain = engine.command(wanted_of(tmp_path))
    assert after(plain, "serve") == str(tmp_path)
    assert plain[plain.index("--served-model-name") + 1 :][:2] == ["tiny", "other"]
    assert (after(plain, "--max-model-len"), after(plain, "--port")) == ("99", "8000")
    tuned = engine.command(wanted_of(tmp_path, base=Path("/base")))
    assert after(tuned, "serve") == "/base"
    assert after(tuned, "--max-lora-rank") == "16"
    at = tuned.index("--lora-modules")
    assert tuned[at + 1 :] == [f"tiny={tmp_path}", f"other={tmp_path}"]


def test_sglang_is_told_the_name_and_to_show_its_load(tmp_path):
    engine = OTHERS[EngineName.SGLANG]
    command = engine.command(wanted_of(tmp_path))
    assert "--enable-metrics" in command
    assert (after(command, "--served-model-name"), after(command, "--context-length")) == (
        "tiny",
        "99",
    )
    assert "vllm" in (engine.refuses(wanted_of(tmp_path, base=Path("/base"))) or "")


def test_engines_refuse_what_they_cannot_serve(tmp_path):
    checkpoint = wanted_of(tmp_path)
    file = wanted_of(tmp_path, gguf=tmp_path / "m.gguf")
    adapter = wanted_of(tmp_path, base=tmp_path)
    assert OTHERS[EngineName.LLAMACPP].refuses(checkpoint)
    assert OTHERS[EngineName.VLLM].refuses(file)
    assert OTHERS[EngineName.TRANSFORMERS].refuses(file)
    assert OTHERS[EngineName.TRANSFORMERS].refuses(adapter)
    with pytest.raises(CheckpointError, match="transformers cannot be used: it serves no LoRA"):
        choose_engine(EngineName.TRANSFORMERS, adapter)
    for engine in OTHERS.values():
        assert engine.metrics_path is None or set(engine.gauges) >= {Load.RUNNING, Load.WAITING}


def test_auto_takes_a_gpu_engine_where_there_is_one(tmp_path, monkeypatch):
    """An importable package and a GPU's tool are what decides; nothing is started here."""
    site, tools = tmp_path / "site", tmp_path / "bin"
    (site / "vllm").mkdir(parents=True)
    (site / "vllm" / "__init__.py").touch()
    tools.mkdir()
    (tools / "nvidia-smi").touch(mode=0o755)
    wanted = wanted_of(tmp_path)
    assert choose_engine(EngineName.AUTO, wanted) is EngineName.SLIPWAY
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    assert choose_engine(EngineName.AUTO, wanted) is EngineName.VLLM
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert choose_engine(EngineName.AUTO, wanted) is EngineName.SLIPWAY


def test_the_environment_chooses_an_engine_and_its_options(gguf, model, tmp_path):
    env = {"SLIPWAY_LLM_ENGINE": "vllm"}
    port = free_port()
    plain = ["-m", "slipway.runtime.serve.llm", "--model-dir", str(model), "--port", str(port)]
    with running(plain, port, tmp_path, env) as server:
        assert server.wait_exit() == 1
        assert "The engine vllm cannot be used" in server.output()
    with llm(model, "slipway", tmp_path, SLIPWAY_LLM_ARGS="--fast 'very much'") as server:
        assert server.wait_exit() == 1
        assert "The engine slipway has no options --fast 'very much'" in server.output()
