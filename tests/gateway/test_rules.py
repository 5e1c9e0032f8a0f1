"""A model's own rules: what it takes, in which range, and who may speak when."""

import base64

import httpx
import pytest

from .control_plane import group, key, llm_service
from .upstreams import openai_like, picture

USER = {"role": "user", "content": "hi"}
PNG = base64.b64encode(picture("cat", 8, 8)).decode()


def number(name, low, high, *, whole=False, open_low=False, open_high=False, **more):
    return {
        "name": name, "type": "integer" if whole else "number", "min": low, "max": high,
        "min_excluded": open_low, "max_excluded": open_high, **more,
    }  # fmt: skip


CHAT = [
    number("frequency_penalty", -2, 2),
    number("presence_penalty", -2, 2),
    number("max_tokens", 0, 2048, whole=True, open_low=True),
    number("n", 1, 4, whole=True),
    {"name": "response_format", "type": "format"},
    number("seed", 0, 2**63 - 1, whole=True, open_low=True),
    {"name": "stop", "type": "strings"},
    {"name": "stream", "type": "boolean"},
    number("temperature", 0, 2, open_low=True, open_high=True, default=0.7),
    number("top_k", 1, 100, whole=True),
    number("top_p", 0, 1, open_low=True),
    {"name": "user", "type": "string"},
    {"name": "logit_bias", "type": "any", "supported": False},
]
IMAGE = [
    {"name": "prompt", "type": "string", "max_length": 1000, "required": True},
    {"name": "negative_prompt", "type": "string", "max_length": 1000},
    number("n", 1, 2, whole=True),
    number("num_inference_steps", 1, 50, whole=True),
    {"name": "quality", "type": "any"},
    {"name": "size", "type": "string", "values": ["512x512", "64x32"], "default": "512x512"},
    {"name": "response_format", "type": "string", "values": ["url", "b64_json"]},
    {"name": "style", "type": "string", "values": ["standard", "portrait"]},
    {"name": "user", "type": "string"},
]


@pytest.fixture
def model(world, upstream, http, name):
    """`model(chat={...}, image={...})` gives rules; the answer posts a body below /v1."""
    server = upstream(openai_like)

    def with_rules(**functions):
        rules = {"rules": functions}
        world.put("service", llm_service(name, server.port, policy=rules))
        world.put("group", group(f"sg-{name}", name))
        world.put("key", key(f"key-{name}", f"{name}-secret", group=f"sg-{name}"))

        def post(path: str = "chat/completions", **body) -> httpx.Response:
            sent = {"model": f"{name}-model", **body}
            return http.post(
                f"/v1/{path}", json=sent, headers={"authorization": f"Bearer {name}-secret"}
            )

        return post

    with_rules.server = server
    return with_rules


def refused(answer: httpx.Response, param: str) -> str:
    error = answer.json()["error"]
    assert answer.status_code == 400, answer.text
    assert (error["code"], error["type"]) == ("500002", "PARAM_ERROR")
    assert error["param"] == param, error
    assert f"`{param}`" in error["message"]
    return error["message"]


WRONG = [
    ("frequency_penalty", [-2.01, 2.01, "1", True]),
    ("presence_penalty", [-3, 2.5, []]),
    ("max_tokens", [0, 2049, 1.5, "5"]),
    ("n", [5, 0, 1.5]),
    ("seed", [0, 2**63, -1, 0.5]),
    ("stop", [1, [], ["a", 1], {}]),
    ("stream", ["yes", 1]),
    ("temperature", [0, 2, -1, "0.5"]),
    ("top_k", [0, 101, 1.5]),
    ("top_p", [0, 1.01, "1"]),
    ("user", [1, ["me"]]),
]
RIGHT = [
    ("frequency_penalty", [-2, 2, 0.5, None]),
    ("presence_penalty", [-2.0, 2.0]),
    ("max_tokens", [1, 2048]),
    ("n", [1, 4]),
    ("seed", [1, 2**63 - 1]),
    ("stop", ["\n", ["a", "b"]]),
    ("stream", [False]),
    ("temperature", [0.01, 1.99]),
    ("top_k", [1, 100]),
    ("top_p", [0.01, 1]),
    ("user", ["someone"]),
]


@pytest.mark.covers(
    "GWY-32", "GWY-33", "GWY-43", "GWY-44", "GWY-46", "GWY-48", "GWY-52", "GWY-53", "GWY-54"
)
def test_every_parameter_has_its_range(model, name):
    post = model(chat={"parameters": CHAT})
    for parameter, values in WRONG:
        for value in values:
            refused(post(messages=[USER], **{parameter: value}), parameter)
    assert not model.server.requests  # nothing of that reached the model
    for parameter, values in RIGHT:
        for value in values:
            answer = post(messages=[USER], **{parameter: value})
            assert answer.status_code == 200, (parameter, value, answer.text)
    assert "(0, 2048]" in refused(post(messages=[USER], max_tokens=9999), "max_tokens")
    assert "not a parameter" in refused(post(messages=[USER], logit_bias={}), "logit_bias")
    unnamed = post(model="", messages=[USER])
    assert unnamed.json()["error"]["param"] == "model" and unnamed.status_code == 400


def test_ranges_are_the_models_own(model):
    widened = [number("temperature", 0, 1), number("max_tokens", 1, 10**6, whole=True)]
    post = model(chat={"parameters": widened})
    assert post(messages=[USER], temperature=0, max_tokens=10**6).status_code == 200
    refused(post(messages=[USER], temperature=1.5), "temperature")


def test_a_default_is_put_into_calls_that_leave_it_out(model):
    post = model(chat={"parameters": CHAT})
    post(messages=[USER])
    post(messages=[USER], temperature=0.1)
    first, second = (request.body for request in model.server.requests)
    assert first.startswith(b'{"temperature":0.7,') and first.count(b"temperature") == 1
    assert b'"temperature":0.1' in second and second.count(b"temperature") == 1


@pytest.mark.covers("GWY-35", "GWY-36", "GWY-38")
def test_messages_have_roles_and_texts(model):
    post = model(chat={"parameters": CHAT})
    system = {"role": "system", "content": ""}
    assert post(messages=[system, USER]).status_code == 200
    refused(post(messages=[{"content": "hi"}]), "messages[0].role")
    refused(post(messages=[{"role": "boss", "content": "hi"}]), "messages[0].role")
    refused(post(messages=[{"role": "tool", "content": "1"}]), "messages[0].role")
    refused(post(messages=[USER, system]), "messages[1].role")
    refused(post(messages=[{"role": "user", "content": ""}]), "messages[0].content")
    refused(post(messages=[{"role": "assistant", "content": ""}]), "messages[0].content")
    refused(post(messages=[{"role": "user"}]), "messages[0].content")
    refused(post(messages=[{"role": "user", "content": 5}]), "messages[0].content")
    refused(post(messages=["hi"]), "messages[0]")
    more = model(chat={"roles": ["system", "user", "assistant", "developer"]})
    assert more(messages=[{"role": "developer", "content": "x"}, USER]).status_code == 200


@pytest.mark.covers("GWY-37")
def test_turns_alternate_where_the_model_asks_for_it(model):
    answer = {"role": "assistant", "content": "ok"}
    system = {"role": "system", "content": "be kind"}
    strict = model(chat={"strict_turns": True})
    for good in ([USER], [system, USER], [system, USER, answer, USER]):
        assert strict(messages=good).status_code == 200
    refused(strict(messages=[answer, USER]), "messages[0].role")
    refused(strict(messages=[USER, USER]), "messages[1].role")
    refused(strict(messages=[USER, answer, answer, USER]), "messages[2].role")
    refused(strict(messages=[USER, answer]), "messages[1].role")
    refused(strict(messages=[system]), "messages[0].role")
    free = model(chat={"strict_turns": False})
    assert free(messages=[USER, USER, answer]).status_code == 200


def test_tools_have_their_place_in_strict_turns(model):
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    calling = {"role": "assistant", "content": None, "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": "c1", "content": "42"}
    post = model(chat={"strict_turns": True, "tools": True})
    assert post(messages=[USER, calling, result]).status_code == 200
    assert post(messages=[USER, calling, result, result]).status_code == 200
    said = {"role": "assistant", "content": "42"}
    assert post(messages=[USER, calling, result, said, USER]).status_code == 200
    refused(post(messages=[USER, result]), "messages[1].role")


@pytest.mark.covers("GWY-39", "GWY-40", "GWY-41", "GWY-42")
def test_messages_of_parts(model):
    seeing = model(chat={"vision": True, "image_hosts": ["pictures.example"]})
    text = {"type": "text", "text": "what is this?"}

    def shown(url: object) -> list:
        return [
            {"role": "user", "content": [text, {"type": "image_url", "image_url": {"url": url}}]}
        ]

    data = f"data:image/png;base64,{PNG}"
    assert seeing(messages=shown(data)).status_code == 200
    assert seeing(messages=shown(PNG)).status_code == 200
    assert seeing(messages=shown("https://pictures.example/cat.png")).status_code == 200
    # A bare picture reaches the model as what model servers understand; others stay as they were.
    assert all(data.encode() in request.body for request in model.server.requests[:2])
    url = "messages[0].content[1].image_url.url"
    refused(seeing(messages=shown("https://elsewhere.example/cat.png")), url)
    refused(seeing(messages=shown("http://169.254.169.254/latest")), url)
    refused(seeing(messages=shown("bm8gcGljdHVyZQ==")), url)
    refused(seeing(messages=shown(PNG[:-3] + "!!!")), url)
    refused(seeing(messages=shown("data:image/png;base64,")), url)
    refused(seeing(messages=shown(None)), url)
    parts = [{"role": "user", "content": [{"type": "text"}]}]
    refused(seeing(messages=parts), "messages[0].content[0].text")
    parts = [{"role": "user", "content": [{"type": "video", "text": "x"}]}]
    refused(seeing(messages=parts), "messages[0].content[0].type")
    refused(seeing(messages=[{"role": "user", "content": []}]), "messages[0].content")
    reading = model(chat={"vision": False})
    assert reading(messages=[{"role": "user", "content": [text, text]}]).status_code == 200
    refused(reading(messages=shown(data)), "messages[0].content[1].type")


def test_a_response_format_is_one_of_three(model):
    post = model(chat={"parameters": CHAT})
    refused(post(messages=[USER], response_format={"type": "xml"}), "response_format.type")
    assert post(messages=[USER], response_format={"type": "text"}).status_code == 200


IMAGE_WRONG = [
    ("prompt", ["x" * 1001, 5]),
    ("negative_prompt", ["x" * 1001, []]),
    ("n", [3, 0, "1"]),
    ("num_inference_steps", [0, 51, 1.5]),
    ("size", ["1x1", 512]),
    ("response_format", ["png"]),
    ("style", ["baroque"]),
    ("user", [7]),
]


@pytest.mark.covers("GWY-67", "GWY-68", "GWY-69", "GWY-70", "GWY-71", "GWY-72", "GWY-75", "GWY-76")
def test_pictures_have_rules_too(model):
    post = model(image={"parameters": IMAGE})
    for parameter, values in IMAGE_WRONG:
        for value in values:
            refused(post("images/generations", **{"prompt": "a cat", parameter: value}), parameter)
    refused(post("images/generations"), "prompt")
    assert not model.server.requests
    fine = {
        "prompt": "x" * 1000, "negative_prompt": "y" * 1000, "n": 2, "num_inference_steps": 50,
        "quality": [1], "size": "64x32", "style": "portrait", "user": "me",
    }  # fmt: skip
    answer = post("images/generations", **fine)
    assert answer.status_code == 200 and len(answer.json()["data"]) == 2
    # Each model does what it can do, and says so of what it cannot.
    refused_chat = post(messages=[USER]).json()["error"]
    assert (refused_chat["code"], refused_chat["param"]) == ("500002", "model")
    chatting = model(chat={"parameters": CHAT})
    error = chatting("images/generations", prompt="a cat").json()["error"]
    assert (error["code"], error["param"]) == ("500002", "model")


def test_a_broken_rule_keeps_the_service_as_it_was(world, model):
    post = model(chat={"parameters": CHAT})
    bad = llm_service(post.__name__, 1, policy={"rules": {"chat": {"parameters": [{"name": "x"}]}}})
    world.control.put("service", bad)
    assert post(messages=[USER]).status_code == 200


def test_without_rules_everything_is_the_models_affair(world, upstream, http, name):
    server = upstream(openai_like)
    world.put("service", llm_service(name, server.port))
    world.put("key", key(f"key-{name}", f"{name}-secret", name))
    odd = {"model": f"{name}-model", "messages": [{"role": "boss"}], "temperature": 99, "top_k": -1}
    answer = http.post(
        "/v1/chat/completions", json=odd, headers={"authorization": f"Bearer {name}-secret"}
    )
    assert answer.status_code == 200
    assert b'"temperature":99' in server.requests[-1].body
