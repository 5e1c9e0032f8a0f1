"""The command line against a real platform: what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Shell


def test_login_saves_a_token_for_this_user_alone(shell: Shell) -> None:
    saved = shell.config / "slipway" / "credentials.json"
    assert saved.stat().st_mode & 0o777 == 0o600
    assert json.loads(shell.ok("whoami", "--json"))["user"]["name"] == "admin"
    wrong = shell.run(
        "login",
        "--url",
        shell.platform.url,
        "--user",
        "admin",
        "--password-stdin",
        given="nope-nope\n",
    )
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "wrong" in wrong.stderr


def test_a_key_is_printed_once_as_json(shell: Shell) -> None:
    for kind in ("token", "access"):
        made = json.loads(shell.ok("key", "create", "--kind", kind, "--json"))
        assert made["id"]
        assert len(made["secret"]) >= 40
    assert "secret" not in json.loads(shell.ok("key", "list", "--json"))[0]


@pytest.mark.covers("TRN-01")
def test_train_create_waits_shows_the_log_and_tells_success_from_failure(shell: Shell) -> None:
    good = shell.run(
        "train",
        "create",
        "good",
        "-e",
        "python",
        "-c",
        "echo hello",
        "--memory-gib",
        "0.1",
        "--wait",
    )
    assert good.returncode == 0, good.stderr
    assert "hello" in good.stdout
    assert "Completed" in good.stdout
    bad = shell.run(
        "train", "create", "bad", "-e", "python", "-c", "exit 3", "--memory-gib", "0.1", "--wait"
    )
    assert bad.returncode == 1
    assert "exited with code 3" in bad.stdout
    listed = json.loads(shell.ok("train", "list", "--json"))
    assert {task["name"] for task in listed} == {"good", "bad"}
    task_id = next(t["id"] for t in listed if t["name"] == "good")
    assert shell.ok("train", "logs", task_id, "-f").splitlines()[-2:] != []
    assert "good" in shell.ok("train", "list")
    assert shell.ok("train", "delete", task_id, "--yes")


@pytest.mark.covers("DVX-10", "TRN-X2")
def test_a_task_goes_to_a_file_and_back_and_a_dry_run_submits_nothing(
    shell: Shell, tmp_path: Path
) -> None:
    options = [
        "--mode", "ps", "-e", "python", "--tag", "team=a", "--env", "SEED=1", "--grace", "5", "--max-run", "60",
        "--role", "ps:count=1;cpu_cores=0.1;memory_gib=0.1;command=sleep 60",
        "--role", "worker:count=2;cpu_cores=0.1;memory_gib=0.1;command=for i in 1 2; do echo $i; done",
    ]  # fmt: skip
    planned = shell.ok("train", "submit", "by-role", *options, "--dry-run")
    assert "2 x 0.1 cores" in planned and planned.rstrip().endswith("none")
    assert "by-role" not in shell.ok("train", "list")
    made = shell.ok("train", "submit", "by-role", *options, "--wait", "--json")
    task = json.loads(made)
    assert task["state"] == "Completed"
    file = tmp_path / "task.yaml"
    file.write_text(shell.ok("train", "export", task["id"]))
    again = json.loads(shell.ok("train", "submit", "again", "--file", str(file), "--json"))
    old, new = (
        json.loads(shell.ok("train", "get", each, "--json"))["spec"] for each in (task["id"], again["id"])
    )  # fmt: skip
    assert new == old | {"name": "again"}
    assert "succeeded" in shell.ok("train", "attempts", task["id"])
    refused = shell.run(
        "train", "submit", "x", "-e", "python", "-c", "true", "--cpu", "900", "--dry-run"
    )
    assert (refused.returncode, "No node is large enough" in refused.stdout) == (1, True)
    assert shell.run("train", "submit", "x", "--role", "ps:speed=1").returncode == 2


@pytest.mark.covers("TRN-X1")
def test_a_search_over_a_task_that_is_there(shell: Shell) -> None:
    command = (
        """echo "{\\"t\\": 1, \\"metrics\\": {\\"cost\\": $HP_n}}" >> "$SLIPWAY_METRICS_FILE\""""
    )
    shell.ok("train", "submit", "one", "-e", "python", "-c", command, "--wait")
    task_id = json.loads(shell.ok("train", "list", "--json", "--search", "one"))[0]["id"]
    found = shell.ok(
        "train", "search", "start", "many", "--task", task_id, "-p", "n=1..3", "-p", "opt=adam,sgd",
        "--metric", "cost", "--method", "grid", "--parallel", "3", "--wait",
    )  # fmt: skip
    assert "6 Completed" in found
    assert "cost 1 in trial 1" in found
    search_id = json.loads(shell.ok("train", "search", "list", "--json"))[0]["id"]
    assert "6 of 20" in shell.ok("train", "search", "list")
    trials = shell.ok("train", "search", "trials", search_id).splitlines()
    assert [line.split()[:2] for line in trials if line.strip() and line.split()[0].isdigit()][
        :2
    ] == [
        ["1", "1"],
        ["2", "1"],
    ]
    assert shell.run("train", "search", "start", "x", "--task", task_id).returncode == 2
    assert "Deleted" in shell.ok("train", "search", "delete", search_id, "--with-tasks", "-y")


def test_storage_and_datasets(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "a.jsonl").write_text('{"q": "x"}\n{"q": "y"}\n')
    bucket = json.loads(shell.ok("storage", "buckets", "--json"))[0]["name"]
    assert "Uploaded 1 file " in shell.ok(
        "storage", "put", str(tmp_path / "rows"), f"{bucket}/rows"
    )
    assert "rows/a.jsonl" in shell.ok("storage", "ls", f"{bucket}/rows")
    made = json.loads(
        shell.ok(
            "dataset", "create", "rows", "--kind", "llm", "--address", f"{bucket}/rows", "--json"
        )
    )
    assert (made["state"].lower(), made["sample_count"]) == ("available", 2)
    shell.ok("storage", "get", f"{bucket}/rows/", str(tmp_path / "back"))
    assert (tmp_path / "back" / "a.jsonl").read_text() == '{"q": "x"}\n{"q": "y"}\n'


def test_refusals_are_one_sentence_and_exit_code_1(shell: Shell) -> None:
    done = shell.run("train", "create", "x", "-e", "cobol", "-c", "true")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("slipway: There is no environment 'cobol'.")
    assert "Traceback" not in done.stderr
    assert shell.run("train", "get", "train-none").returncode == 1


def test_wrong_usage_is_exit_code_2(shell: Shell) -> None:
    assert shell.run("train", "create").returncode == 2
    assert shell.run("no-such-command").returncode == 2
    assert shell.run("train", "create", "x", "--env", "novalue").returncode == 2


def test_an_absent_platform_is_said_in_words(shell: Shell) -> None:
    environment = os.environ | {"SLIPWAY_URL": "http://127.0.0.1:9", "SLIPWAY_TOKEN": "slw_x"}
    done = subprocess.run(
        [sys.executable, "-m", "slipway.cli.main", "train", "list"],
        env=environment,
        text=True,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "No answer from http://127.0.0.1:9" in done.stderr


def test_status_and_doctor(shell: Shell) -> None:
    status = json.loads(shell.ok("status", "--home", str(shell.platform.home), "--json"))
    assert (status["running"], status["url"]) == (True, shell.platform.url)
    assert shell.run("status", "--home", str(shell.config)).returncode == 1
    assert {c["name"] for c in json.loads(shell.run("doctor", "--json").stdout)} >= {
        "Python",
        "NVIDIA GPU",
    }


def test_every_listing_command_has_json(shell: Shell) -> None:
    for words in (
        ("dataset", "list"), ("train", "list"), ("train", "environments"), ("train", "templates"), ("model", "list"),
        ("service", "list"), ("eval", "list"), ("storage", "buckets"), ("key", "list"), ("user", "list"), ("project", "list"),
    ):  # fmt: skip
        assert isinstance(json.loads(shell.ok(*words, "--json")), list), words


@pytest.mark.covers("TRN-64", "TRN-65")
def test_alerts_from_target_and_rule_to_the_inbox(shell: Shell, tmp_path: Path) -> None:
    me = json.loads(shell.ok("whoami", "--json"))["user"]["id"]
    target = json.loads(shell.ok("alert", "target", "create", "me", "--user", me, "--json"))["id"]
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"source": "platform.training",\n "typ": []}')
    done = shell.run("alert", "rule", "test", "--pattern", str(wrong))
    assert (done.returncode, "Line 2, column 2: Unknown key" in done.stderr) == (1, True)
    rule = json.loads(
        shell.ok(
            "alert", "rule", "create", "ends", "--target", target, "--event", "taskCompleted",
            "--tag", "team:cli,stage:test", "--json",
        )
    )  # fmt: skip
    assert rule["form"]["tags"] == [["stage:test", "team:cli"]]
    assert "training:taskExecuteFailed" in shell.ok("alert", "rule", "test", rule["id"])
    assert "Delivered" in shell.ok("alert", "target", "test", target)
    shell.ok("alert", "rule", "disable", rule["id"])
    (listed,) = json.loads(shell.ok("alert", "rule", "list", "--json"))
    assert (listed["name"], listed["enabled"], listed["target_names"]) == ("ends", False, ["me"])
    (sent,) = json.loads(shell.ok("alert", "log", "--json"))
    assert (sent["state"], sent["test"]) == ("Delivered", True)
    assert "[Test] Task failed: resnet-sweep-3" in shell.ok("inbox", "--unread", "--read-all")
    assert json.loads(shell.ok("inbox", "--unread", "--json")) == []
    assert shell.run("alert", "target", "delete", target, "-y").returncode == 1  # in use
    shell.ok("alert", "rule", "delete", rule["id"], "-y")
    shell.ok("alert", "target", "delete", target, "-y")
    assert shell.run("alert", "target", "create", "none").returncode == 2


def test_a_providers_model_from_the_command_line(shell: Shell, tmp_path: Path) -> None:
    """Connected, shared with another, with rules; its key is nowhere to be read."""
    made = json.loads(
        shell.ok(
            "service",
            "connect",
            "hired",
            "https://api.example.com/v1",
            "--model",
            "big",
            "--key",
            "sk-of-the-provider",
            "--json",
        )
    )
    added = shell.ok(
        "service", "add-upstream", made["id"], "spare", "https://b.example.com/v1", "--weight", "0"
    )
    assert "spare" in added
    listed = shell.ok("service", "upstreams", made["id"])
    assert "https://api.example.com/v1" in listed and "sk-of" not in listed
    change = tmp_path / "policy.json"
    change.write_text('{"retries": 2, "rules": {"chat": {"strict_turns": false}}}')
    policy = json.loads(shell.ok("service", "policy", made["id"], "--set", str(change)))
    assert policy["retries"] == 2
    assert "hired" in shell.ok("service", "rules", made["id"])
    assert json.loads(shell.ok("service", "policy", made["id"])) == policy
    spare = json.loads(shell.ok("service", "upstreams", made["id"], "--json"))[1]["id"]
    shell.ok("service", "delete-upstream", made["id"], spare)
    assert "spare" not in shell.ok("service", "upstreams", made["id"])
    refused = shell.run("service", "connect", "odd", "ftp://x")
    assert refused.returncode == 1 and "https://" in refused.stderr
