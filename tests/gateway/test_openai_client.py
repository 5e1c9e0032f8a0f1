"""The official client, unchanged, against the real process."""

import openai
import pytest

from .control_plane import group, key, llm_service
from .upstreams import openai_like

MESSAGES = [{"role": "user", "content": "hi"}]


@pytest.fixture
def client(world, upstream, name):
    world.put("service", llm_service(name, upstream(openai_like).port))
    world.put("group", group(f"sg-{name}", name))
    world.put("key", key(f"key-{name}", f"{name}-secret", group=f"sg-{name}"))
    with openai.OpenAI(
        base_url=f"{world.url}/v1", api_key=f"{name}-secret", max_retries=0
    ) as found:
        yield found


@pytest.mark.covers("GWY-78", "GWY-56")
def test_chat(world, client, name):
    raw = client.chat.completions.with_raw_response.create(model=f"{name}-model", messages=MESSAGES)
    answer = raw.parse()
    assert answer.choices[0].message.content == "Hello!"
    assert answer.usage.total_tokens == 21
    record = world.record(raw.headers["x-request-id"])
    assert record["service"] == name and record["key"] == f"key-{name}"
    assert record["version"] == f"{name}-1" and record["replica"] == f"{name}-r0"
    assert record["model"] == f"{name}-model" and record["path"] == "/v1/chat/completions"
    assert (record["status"], record["error_code"], record["estimated"]) == (200, None, False)
    assert (record["prompt_tokens"], record["completion_tokens"]) == (9, 12)
    assert record["stream"] is False and record["images"] == 0
    assert record["request_bytes"] > 0 and record["response_bytes"] > 0
    assert 0 < record["ttft_ms"] <= record["duration_ms"]


@pytest.mark.covers("GWY-50", "GWY-61", "GWY-78")
def test_streamed_chat_without_usage(world, client, name):
    raw = client.chat.completions.with_raw_response.create(
        model=f"{name}-model", messages=MESSAGES, stream=True
    )
    chunks = list(raw.parse())
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == "Hello \\u00e9 你好"
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)
    record = world.record(raw.headers["x-request-id"])
    assert (record["prompt_tokens"], record["completion_tokens"]) == (9, 120)
    assert record["stream"] is True and record["estimated"] is False


@pytest.mark.covers("GWY-62", "GWY-51")
def test_streamed_chat_with_usage(client, name):
    chunks = list(
        client.chat.completions.create(
            model=f"{name}-model",
            messages=MESSAGES,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens == 129


async def test_the_asynchronous_client(world, client, name):
    async with openai.AsyncOpenAI(base_url=f"{world.url}/v1", api_key=f"{name}-secret") as waiting:
        stream = await waiting.chat.completions.create(
            model=f"{name}-model", messages=MESSAGES, stream=True
        )
        chunks = [chunk async for chunk in stream]
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_completions_embeddings_and_models(client, name):
    completion = client.completions.create(model=f"{name}-model", prompt="a")
    assert completion.choices[0].text == "Hello!"
    embedding = client.embeddings.create(model=f"{name}-model", input="a", encoding_format="float")
    assert embedding.data[0].embedding == [0.5, 0.25]
    assert [model.id for model in client.models.list()] == [f"{name}-model"]
    assert client.models.retrieve(f"{name}-model").id == f"{name}-model"


@pytest.mark.covers("GWY-78", "GWY-79")
def test_errors_reach_the_client_as_its_own(world, client, name):
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="other", messages=MESSAGES)
    assert refused.value.code == "500002" and refused.value.param == "model"
    with pytest.raises(openai.AuthenticationError) as refused:
        client.with_options(api_key="wrong").models.list()
    assert refused.value.code == "500004"
    limited = key(f"key-{name}", f"{name}-secret", group=f"sg-{name}", banned=True)
    world.put("key", limited)
    with pytest.raises(openai.RateLimitError) as refused:
        client.chat.completions.create(model=f"{name}-model", messages=MESSAGES)
    assert (refused.value.code, refused.value.type) == ("700003", "AK_BANNED")


@pytest.mark.covers("GWY-57", "GWY-58", "GWY-60")
def test_the_shape_of_answers_and_chunks(client, name):
    """What an engine says in OpenAI's words arrives in them."""
    asked = {"model": f"{name}-model", "messages": MESSAGES}
    (choice,) = client.chat.completions.create(**asked).choices
    assert (choice.index, choice.finish_reason) == (0, "stop")
    assert (choice.message.role, choice.message.content) == ("assistant", "Hello!")
    chunks = list(client.chat.completions.create(**asked, stream=True))
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + [
        "stop"
    ]
    assert {chunk.choices[0].index for chunk in chunks} == {0}


def test_pictures_with_the_client(client, name):
    made = client.images.generate(model=f"{name}-model", prompt="a cat", size="64x64", n=2)
    assert len(made.data) == 2 and made.data[0].b64_json and isinstance(made.created, int)


def test_langchain(world, client, name):
    """Another client that many use, unchanged: at once, in a stream, and with tools."""
    openai_of_langchain = pytest.importorskip("langchain_openai")
    chat = openai_of_langchain.ChatOpenAI(
        model=f"{name}-model", base_url=f"{world.url}/v1", api_key=f"{name}-secret", max_retries=0
    )
    assert chat.invoke("hi").content == "Hello!"
    assert "".join(piece.content for piece in chat.stream("hi")) == "Hello \\u00e9 你好"

    def weather(city: str) -> str:
        """The weather of a city."""
        return city

    assert chat.bind_tools([weather]).invoke("hi").content == "Hello!"
