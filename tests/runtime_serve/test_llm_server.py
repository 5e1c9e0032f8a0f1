"""The language model server as the official client sees it. One process for all tests."""

import json
import socket
import threading

import httpx
import openai
import pytest

from .servers import free_port, running, wait_for
from .tiny_model import write_adapter, write_model, write_tokenizer

HELLO = [{"role": "user", "content": "hello"}]


def llm(model, *options: str, cwd):
    port = free_port()
    arguments = ["-m", "slipway.runtime.serve.llm", "--model-dir", str(model)]
    return running([*arguments, "--port", str(port), *options], port, cwd)


@pytest.fixture(scope="module")
def model_dir(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def server(model_dir, tmp_path_factory):
    names = ["--served-name", "tiny", "--served-name", "ms-1"]
    with llm(model_dir, *names, cwd=tmp_path_factory.mktemp("run")) as program:
        yield program.wait_ready("/health")


@pytest.fixture(scope="module")
def client(server):
    with openai.OpenAI(
        base_url=f"http://127.0.0.1:{server.port}/v1",
        api_key="none",
        max_retries=0,
        http_client=httpx.Client(trust_env=False),
    ) as client:
        yield client


def chat(client, **options):
    options = {"model": "tiny", "messages": HELLO, "max_tokens": 12, "temperature": 0} | options
    return client.chat.completions.create(**options)


@pytest.mark.covers("GWY-45", "GWY-58")
def test_a_chat_answer_has_text_reason_and_usage(client):
    answer = chat(client)
    assert answer.object == "chat.completion"
    assert answer.model == "tiny"
    (choice,) = answer.choices
    assert choice.message.role == "assistant"
    assert choice.message.content
    assert choice.finish_reason == "length"
    assert answer.usage.completion_tokens == 12
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 12
    assert chat(client).choices[0].message.content == choice.message.content  # greedy


def test_a_stream_says_the_same_and_usage_where_asked(client):
    whole = chat(client)
    chunks = list(chat(client, stream=True, stream_options={"include_usage": True}))
    assert chunks[0].choices[0].delta.role == "assistant"
    texts = [chunk.choices[0].delta.content or "" for chunk in chunks[:-1]]
    assert "".join(texts) == whole.choices[0].message.content
    assert chunks[-2].choices[0].finish_reason == "length"
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    plain = list(chat(client, stream=True))
    assert [chunk.usage for chunk in plain] == [None] * len(plain)


def test_the_stream_is_sse_that_ends_with_done(server):
    body = {"model": "tiny", "messages": HELLO, "max_tokens": 2, "stream": True}
    with server.http.stream("POST", "/v1/chat/completions", json=body) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in answer.iter_lines() if line]
    assert lines[-1] == "data: [DONE]"
    assert all(json.loads(line.removeprefix("data: ")) for line in lines[:-1])


def test_completions_take_text_ids_and_lists(client):
    one = client.completions.create(model="tiny", prompt="hello", temperature=0)
    assert one.object == "text_completion"
    assert one.usage.completion_tokens == 16
    two = client.completions.create(
        model="tiny", prompt=["hello", "the quick"], temperature=0, max_tokens=4
    )
    assert [choice.index for choice in two.choices] == [0, 1]
    assert one.choices[0].text.startswith(two.choices[0].text)
    assert two.usage.completion_tokens == 8
    ids = client.completions.create(model="tiny", prompt=[5, 6, 7], max_tokens=1)
    assert ids.usage.prompt_tokens == 3
    streamed = client.completions.create(
        model="tiny", prompt=["hello", "the quick"], temperature=0, max_tokens=4, stream=True
    )
    texts = {0: "", 1: ""}
    for chunk in streamed:
        texts[chunk.choices[0].index] += chunk.choices[0].text
    assert [texts[0], texts[1]] == [choice.text for choice in two.choices]


def test_echo_and_logprobs_score_a_prompt(client):
    options = {"model": "tiny", "prompt": "the quick brown", "echo": True, "logprobs": 2}
    scored = client.completions.create(**options, max_tokens=0)
    (choice,) = scored.choices
    assert choice.text == "the quick brown"
    logprobs = choice.logprobs
    assert "".join(logprobs.tokens) == choice.text
    assert logprobs.token_logprobs[0] is None
    assert all(value <= 0 for value in logprobs.token_logprobs[1:])
    assert logprobs.text_offset == [0, 3, 9]
    assert scored.usage.completion_tokens == 0
    more = client.completions.create(**options, max_tokens=2, temperature=0)
    assert more.choices[0].text.startswith("the quick brown")
    assert len(more.choices[0].logprobs.tokens) == 5
    streamed = list(client.completions.create(**options, max_tokens=2, temperature=0, stream=True))
    assert "".join(c.choices[0].text for c in streamed) == more.choices[0].text
    tokens = [token for c in streamed for token in c.choices[0].logprobs.tokens]
    assert tokens == more.choices[0].logprobs.tokens


def test_chat_logprobs(client):
    answer = chat(client, logprobs=True, top_logprobs=2, max_tokens=3)
    content = answer.choices[0].logprobs.content
    assert len(content) == 3
    assert all(len(item.top_logprobs) == 2 for item in content)
    assert content[0].logprob == max(top.logprob for top in content[0].top_logprobs)


@pytest.mark.covers("GWY-49", "GWY-58")
def test_stop_seed_and_sampling(client):
    whole = chat(client, max_tokens=20).choices[0].message.content
    stop = whole[4:7]
    cut = chat(client, max_tokens=20, stop=[stop])
    assert cut.choices[0].message.content == whole[: whole.index(stop)]
    assert cut.choices[0].finish_reason == "stop"
    assert chat(client, max_tokens=20, stop=stop).choices[0].message == cut.choices[0].message
    options = {"temperature": 1.5, "top_p": 0.9, "max_tokens": 20}
    seeded = [chat(client, seed=3, **options).choices[0].message.content for _ in range(2)]
    assert seeded[0] == seeded[1] != chat(client, seed=4, **options).choices[0].message.content
    assert chat(client, max_completion_tokens=5, max_tokens=9).usage.completion_tokens == 5


def test_text_parts_and_a_system_message_go_through_the_template(client):
    parts = [{"type": "text", "text": "hel"}, {"type": "text", "text": "lo"}]
    split = chat(client, messages=[{"role": "user", "content": parts}])
    assert split.choices == chat(client).choices
    longer = chat(client, messages=[{"role": "system", "content": "be brief"}, *HELLO])
    assert longer.usage.prompt_tokens > split.usage.prompt_tokens


def test_an_answer_stops_where_the_context_is_full(client):
    answer = chat(client, max_tokens=10_000)
    assert answer.usage.total_tokens == 256
    assert answer.choices[0].finish_reason == "length"


def test_models_by_each_served_name(client, server):
    assert [model.id for model in client.models.list()] == ["tiny", "ms-1"]
    assert client.models.retrieve("ms-1").id == "ms-1"
    assert chat(client, model="ms-1").model == "ms-1"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("other")
    body = {"messages": HELLO, "max_tokens": 1}
    assert server.http.post("/v1/chat/completions", json=body).json()["model"] == "tiny"


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"content": "x"}]}, "messages[0]"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
         "messages[0].content"),
        ({"n": 2}, "n"),
        ({"temperature": 3}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"top_p": -1}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"seed": "a"}, "seed"),
        ({"stop": [""]}, "stop"),
        ({"stop": ["a"] * 5}, "stop"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"logprobs": True, "top_logprobs": 99}, "top_logprobs"),
        ({"logit_bias": {"x": 1}}, "logit_bias"),
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
    ],
)  # fmt: skip
def test_a_bad_parameter_is_named(server, change, param):
    body = {"model": "tiny", "messages": HELLO, "max_tokens": 1} | change
    answer = server.http.post("/v1/chat/completions", json=body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["param"] == param
    assert error["message"]


def test_other_refusals_are_in_openais_form(client, server):
    with pytest.raises(openai.NotFoundError) as unknown:
        chat(client, model="gpt")
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as long:
        chat(client, messages=[{"role": "user", "content": "hello " * 400}])
    assert long.value.code == "context_length_exceeded"
    for content in (b"", b"{x", b"[1]"):
        answer = server.http.post("/v1/chat/completions", content=content)
        assert answer.status_code == 400
        assert answer.json()["error"]["message"]
    for prompt in (None, [], [[]], [10**6], [1, "a"], {"a": 1}):
        body = {"model": "tiny", "prompt": prompt}
        assert server.http.post("/v1/completions", json=body).status_code == 400, prompt
    assert server.http.get("/v1/chat/completions").status_code == 405
    assert server.http.get("/nothing").json()["error"]["code"] == "unknown_url"


def metric(server, name: str) -> int:
    lines = server.http.get("/metrics").text.splitlines()
    return int(dict(line.split() for line in lines if line[0] != "#")[f"slipway_llm_{name}"])


@pytest.mark.parametrize("stream", [True, False])
def test_a_caller_who_leaves_ends_the_generation(server, stream):
    # Long enough to be seen running.
    body = {"prompt": ["a"] * 64, "max_tokens": 250, "ignore_eos": True, "stream": stream}
    data = json.dumps(body).encode()
    failed = metric(server, "failed_requests_total")
    head = f"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(data)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as sock:
        sock.sendall(head.encode() + data)
        wait_for(lambda: metric(server, "sequences_running") > 0, "the generation begins")
    wait_for(lambda: metric(server, "sequences_running") == 0, "the generation ends")
    assert metric(server, "failed_requests_total") == failed + 1
    assert metric(server, "sequences_waiting") == 0
    assert "Traceback" not in server.output()


def test_callers_at_the_same_time_get_what_each_gets_alone(client):
    prompts = [f"hello {word}" for word in ("world", "dog", "fox", "quick", "lazy", "你", "a", "b")]
    options = {"model": "tiny", "temperature": 0, "max_tokens": 24}
    alone = [client.completions.create(prompt=p, **options).choices[0].text for p in prompts]
    together: dict[int, str] = {}

    def call(at: int) -> None:
        answer = client.completions.create(prompt=prompts[at], **options)
        together[at] = answer.choices[0].text

    threads = [threading.Thread(target=call, args=(at,)) for at in range(len(prompts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[at] for at in range(len(prompts))] == alone


def test_the_port_answers_before_the_model_is_loaded(model_dir, tmp_path):
    with llm(model_dir, cwd=tmp_path) as program:
        program.wait_ready("/healthz")
        assert program.http.get("/health").status_code == 503
        refused = program.http.post("/v1/completions", json={"prompt": "a"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "loading")
        program.process.terminate()
        program.wait_exit()


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")  # in peft
def test_an_adapter_is_served_on_its_base_without_a_hub(model_dir, tmp_path):
    adapter = write_adapter(model_dir, tmp_path / "adapter")
    config = adapter / "adapter_config.json"
    named = json.loads(config.read_text()) | {"base_model_name_or_path": "hub/name"}
    config.write_text(json.dumps(named))
    options = ["--base-dir", str(model_dir), "--served-name", "tuned"]
    with llm(adapter, *options, cwd=tmp_path) as program:
        program.wait_ready("/health")
        body = {"model": "tuned", "prompt": "hello", "max_tokens": 4}
        assert (
            program.http.post("/v1/completions", json=body).json()["usage"]["completion_tokens"]
            == 4
        )


def test_what_cannot_be_served_ends_with_the_reason(model_dir, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text('{"model_type": "llama"}')
    write_tokenizer(broken)
    cases = [
        ([tmp_path / "nowhere"], "does not exist"),
        ([tmp_path], "The model in"),  # finds broken/ below it, which has no weights
    ]
    for (model, *options), reason in cases:
        with llm(model, *options, cwd=tmp_path) as program:
            assert program.wait_exit() == 1
            assert reason in program.output()
            assert "Traceback" not in program.output()


def test_a_busy_port_is_named(model_dir, tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        with llm(model_dir, "--port", port, cwd=tmp_path) as program:
            assert program.wait_exit() == 1
            assert f"Port {port} on 127.0.0.1 cannot be used" in program.output()


def test_a_model_without_template_takes_completions_only(model_dir, tmp_path):
    import shutil

    plain = shutil.copytree(model_dir, tmp_path / "plain")
    (plain / "chat_template.jinja").unlink()
    write_tokenizer(plain, template=None)
    with llm(plain, cwd=tmp_path) as program:
        program.wait_ready("/health")
        body = {"messages": HELLO, "max_tokens": 1}
        refused = program.http.post("/v1/chat/completions", json=body)
        assert refused.status_code == 400
        assert "no chat template" in refused.json()["error"]["message"]
        assert program.http.post("/v1/completions", json={"prompt": "a"}).status_code == 200


def test_sigterm_lets_an_answer_finish(model_dir, tmp_path):
    body = {"prompt": "a", "max_tokens": 250, "ignore_eos": True, "stream": True}
    with llm(model_dir, cwd=tmp_path) as program:
        program.wait_ready("/health")
        with program.http.stream("POST", "/v1/completions", json=body) as answer:
            lines = answer.iter_lines()
            next(lines)
            program.process.terminate()
            *_, last = [line for line in lines if line]
        assert last == "data: [DONE]"
        assert program.wait_exit() == 0
        assert "Traceback" not in program.output()
