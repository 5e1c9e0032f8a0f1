"""Whole evaluations against a real HTTP server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from slipway.runtime.evaluate.__main__ import main
from tests.runtime_evaluate.conftest import ChatService, Evaluation, completion


def chat(prompt: str, response: str, system: str | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"conversation": [{"prompt": prompt, "response": response}]}
    return row | ({"system": system} if system else {})


def run(evaluation: Evaluation) -> int:
    return main(evaluation.arguments)


@pytest.mark.covers("EVA-21", "EVA-22", "EVA-24", "EVA-26", "EVA-42", "EVA-X3")
def test_an_evaluation_from_questions_to_results(
    evaluation: Evaluation, service: ChatService, capsys
) -> None:
    rows = [chat("one two three", "one two three", "S"), chat("one two", "one 2"), chat("a", "b")]
    evaluation.prepare(service, rows, {"api_key": "secret", "params": {"max_tokens": 9}}, seed=5)
    assert run(evaluation) == 0

    first, second, third = evaluation.samples
    assert first["prompt"] == [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "one two three"},
    ]
    assert (first["model"], first["set"], first["reference"]) == ("m", "s", "one two three")
    assert (first["output"], first["error"], first["finish_reason"]) == (
        "one two three",
        None,
        "stop",
    )
    assert first["tokens"] == {"prompt": 7, "completion": 3}
    assert first["time_ms"] > 0
    assert [record["scores"]["accuracy"] for record in (first, second, third)] == [1, 0, 0]
    assert second["scores"]["rouge1"] == 0.5

    (result,) = evaluation.read("results.json")["results"]
    assert (result["model"], result["set"], result["samples"], result["failed"]) == (
        "m",
        "s",
        3,
        [],
    )
    assert result["metrics"]["accuracy"] == 1 / 3  # with all its decimals
    assert result["metrics"]["rouge1"] == 0.5
    assert set(result["metrics"]) == {"accuracy", "rouge1", "rouge2", "rougeL", "bleu4"}
    assert (result["tokenizer"], result["format"]) == ("word", "conversation")
    assert result["tokens"] == {"prompt": 21, "completion": 6}
    assert result["run_time_s"] > 0

    progress = evaluation.read("progress.json")
    assert (progress["state"], progress["done"], progress["total"]) == ("completed", 3, 3)
    assert (progress["percent"], progress["eta_s"]) == (100.0, 0.0)
    (step,) = progress["steps"]
    assert (step["state"], step["failed"]) == ("completed", 0)
    assert step["started_at"] <= step["ended_at"]

    assert set(service.keys) == {"Bearer secret"}
    assert {(body["model"], body["max_tokens"], body["seed"]) for body in service.asked} == {
        ("served", 9, 5)
    }
    written = "".join(path.read_text() for path in evaluation.out.iterdir())
    assert "secret" not in written
    assert "m on s: accuracy 0.3333" in capsys.readouterr().out


def test_the_results_record_how_they_came_about(
    evaluation: Evaluation, service: ChatService
) -> None:
    evaluation.prepare(
        service,
        [chat("a", "b")],
        {"params": {"temperature": 0.5}},
        {"template": "Q: {prompt}", "system": "Be brief."},
        metrics=["bleu4", "accuracy"],
        seed=7,
    )
    assert run(evaluation) == 0
    assert service.asked[0]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Q: a"},
    ]
    content = evaluation.read("results.json")
    assert content["settings"]["seed"] == 7
    assert content["settings"]["models"][0]["params"] == {"temperature": 0.5}
    assert len(content["settings"]["sets"][0]["sha256"]) == 64
    assert content["settings"]["places"]["models"] == {"m": service.url}
    assert content["results"][0]["template"] == "Q: {prompt}"
    assert "smoothing exp" in content["backend"]["bleu"]
    assert "recall" in content["backend"]["rouge"]


@pytest.mark.covers("EVA-19")
def test_as_many_questions_at_once_as_asked_for_and_no_more(
    evaluation: Evaluation, service: ChatService
) -> None:
    service.delay_s = 0.05
    evaluation.prepare(service, [chat(str(n), "x") for n in range(12)], {"MAX_CONCURRENCY": 4})
    assert run(evaluation) == 0
    assert service.most_at_once == 4
    assert len(service.asked) == 12


@pytest.mark.covers("EVA-17")
def test_greedy_means_that_sampling_parameters_have_no_effect(
    evaluation: Evaluation, service: ChatService
) -> None:
    params = {"do_sample": False, "top_p": 0.9, "top_k": 5, "repetition_penalty": 1.2}
    evaluation.prepare(service, [chat("a", "b")], {"params": params | {"max_tokens": 3}})
    assert run(evaluation) == 0
    assert set(service.asked[0]) == {"model", "messages", "max_tokens", "temperature"}
    assert service.asked[0]["temperature"] == 0


@pytest.mark.covers("EVA-19")
def test_a_query_that_fails_after_its_retries_counts_as_wrong_and_is_listed(
    evaluation: Evaluation, service: ChatService
) -> None:
    def reply(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        question = body["messages"][-1]["content"]
        asked = sum(b["messages"][-1]["content"] == question for b in service.asked)
        if question == "never" or (question == "late" and asked == 1):
            return 503, {"error": "overloaded"}
        if question == "refused":
            return 400, {"error": "too long"}
        return completion(question)

    service.reply = reply
    questions = ["fine", "late", "never", "refused"]
    evaluation.prepare(service, [chat(q, q) for q in questions], {"retries": 1})
    assert run(evaluation) == 0
    (result,) = evaluation.read("results.json")["results"]
    assert result["failed"] == [2, 3]
    assert result["metrics"]["accuracy"] == 0.5
    assert [record["error"] for record in evaluation.samples] == [
        None,
        None,
        'status 503: {"error": "overloaded"}',
        'status 400: {"error": "too long"}',
    ]
    assert len(service.asked) == 1 + 2 + 2 + 1  # what was refused is not asked again
    assert evaluation.read("progress.json")["steps"][0]["failed"] == 2


def test_a_service_that_is_not_there_is_a_failure_with_a_reason(
    evaluation: Evaluation, service: ChatService, capsys
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    evaluation.prepare(service, [chat("a", "b")], {"base_url": address})
    assert run(evaluation) == 1
    assert "cannot be reached" in evaluation.samples[0]["error"]
    assert "not one question was answered" in capsys.readouterr().err


@pytest.mark.parametrize("content", [{"choices": []}, {"object": "list"}, {"choices": [{}]}])
def test_an_answer_that_is_no_chat_completion_is_a_failure(
    evaluation: Evaluation, service: ChatService, content: dict[str, Any]
) -> None:
    service.reply = lambda body: (200, content)
    evaluation.prepare(service, [chat("a", "b")])
    assert run(evaluation) == 1
    assert evaluation.samples[0]["error"].startswith("not a chat completion: ")


def test_a_slow_service_times_out(evaluation: Evaluation, service: ChatService) -> None:
    service.delay_s = 0.5
    evaluation.prepare(service, [chat("a", "b")], {"timeout_s": 0.05})
    assert run(evaluation) == 1
    assert evaluation.samples[0]["error"] == "no answer within 0.05 s"


@pytest.mark.parametrize(("history", "seen"), [("played", "1"), ("given", "expected")])
def test_turns_are_played_in_order_and_the_last_is_scored(
    evaluation: Evaluation, service: ChatService, history: str, seen: str
) -> None:
    service.reply = lambda body: completion(str(len(body["messages"])))
    turns = [{"prompt": "A", "response": "expected"}, {"prompt": "B", "response": "3"}]
    evaluation.prepare(service, [{"conversation": turns}], question_set={"history": history})
    assert run(evaluation) == 0
    assert [m["content"] for m in service.asked[-1]["messages"]] == ["A", seen, "B"]
    assert evaluation.samples[0]["scores"]["accuracy"] == 1.0


@pytest.mark.covers("EVA-26")
def test_gsm8k_is_recognised_and_compared_by_number(
    evaluation: Evaluation, service: ChatService
) -> None:
    service.reply = lambda body: completion("4 * 3 = 12, so it is 12.")
    rows = [{"question": "4 times 3?", "answer": "4*3=<<4*3=12>>12\n#### 12"}]
    evaluation.prepare(service, rows, metrics=["accuracy"])
    assert run(evaluation) == 0
    (result,) = evaluation.read("results.json")["results"]
    assert (result["format"], result["metrics"]) == ("gsm8k", {"accuracy": 1.0})
    assert evaluation.samples[0]["extracted"] == "12"
    assert service.asked[0]["messages"][0]["content"].startswith("4 times 3?\nSolve")


def test_several_models_and_sets_each_have_their_result(
    evaluation: Evaluation, service: ChatService
) -> None:
    evaluation.prepare(service, [chat("a", "a"), chat("b", "c")])
    (evaluation.root / "table.csv").write_text("system,prompt,response\n,你好,你好\n")
    content = json.loads(evaluation.config_path.read_text())
    content["models"].append(content["models"][0] | {"name": "n"})
    content["sets"].append({"name": "t", "files": ["table.csv"], "limit": 1})
    evaluation.config_path.write_text(json.dumps(content))
    assert run(evaluation) == 0
    results = evaluation.read("results.json")["results"]
    assert [(r["model"], r["set"], r["tokenizer"]) for r in results] == [
        ("m", "s", "word"),
        ("m", "t", "char"),
        ("n", "s", "word"),
        ("n", "t", "char"),
    ]
    assert [r["metrics"]["accuracy"] for r in results] == [0.5, 1.0, 0.5, 1.0]


@pytest.mark.covers("EVA-X6")
def test_a_killed_evaluation_goes_on_from_its_finished_samples(
    evaluation: Evaluation, service: ChatService
) -> None:
    service.delay_s = 0.05
    evaluation.prepare(service, [chat(f"question {n}", "x") for n in range(60)], {"concurrency": 2})
    process = subprocess.Popen(
        [sys.executable, "-m", "slipway.runtime.evaluate", *evaluation.arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 30
    while len(finished := list_lines(evaluation.out / "samples.jsonl")) < 5:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    progress = evaluation.read("progress.json")
    assert (progress["state"], progress["total"]) == ("evaluating", 60)
    kept = len(list_lines(evaluation.out / "samples.jsonl"))
    assert len(finished) <= kept < 60
    # The kill may have hit the middle of a line.
    with (evaluation.out / "samples.jsonl").open("a") as file:
        file.write('{"index": 59, "model": "m", "se')

    service.delay_s = 0.0
    service.asked.clear()
    assert run(evaluation) == 0
    assert len(service.asked) == 60 - kept
    assert [record["index"] for record in evaluation.samples] == list(range(60))
    assert evaluation.read("progress.json")["done"] == 60
    (result,) = evaluation.read("results.json")["results"]
    assert result["samples"] == 60
    assert result["run_time_s"] > 0.05 * kept / 2 * 0.5  # the time before the kill counts too


def list_lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_starting_again_asks_only_what_failed(evaluation: Evaluation, service: ChatService) -> None:
    service.reply = lambda body: (
        (500, {}) if body["messages"][-1]["content"] == "b" else completion("x")
    )
    evaluation.prepare(service, [chat(q, "x") for q in "abc"])
    assert run(evaluation) == 0
    assert evaluation.read("results.json")["results"][0]["failed"] == [1]
    service.reply = lambda body: completion("x")
    service.asked.clear()
    assert run(evaluation) == 0
    assert len(service.asked) == 1
    assert evaluation.read("results.json")["results"][0]["metrics"]["accuracy"] == 1.0


def test_answers_to_other_questions_do_not_mix(
    evaluation: Evaluation, service: ChatService, capsys
) -> None:
    evaluation.prepare(service, [chat("a", "b")])
    assert run(evaluation) == 0
    evaluation.prepare(service, [chat("changed", "b")])
    assert run(evaluation) == 1
    assert "holds the answers of another configuration" in capsys.readouterr().err


def test_a_new_key_address_or_speed_is_no_other_evaluation(
    evaluation: Evaluation, service: ChatService
) -> None:
    """A restarted evaluation finds its service at another port and its files mounted elsewhere."""
    evaluation.prepare(service, [chat("a", "b")], {"api_key": "one"})
    assert run(evaluation) == 0
    changes = {"api_key": "two", "concurrency": 2, "base_url": f"{service.url}/v1"}
    evaluation.prepare(service, [chat("a", "b")], changes)
    assert run(evaluation) == 0
    assert len(service.asked) == 1
