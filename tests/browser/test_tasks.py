"""Training tasks in the console beyond the happy way: they fail, wait, stop, and outlive the browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from slipway.sdk.client import Client
from slipway.sdk.local import LocalPlatform
from tests.browser.console import WORK_MS, Console

pytestmark = pytest.mark.browser
# Runs until a file named `go` appears among its outputs.
UNTIL_TOLD = 'echo begun; until [ -e "$ML_OUTPUT_DIR/go" ]; do sleep 0.1; done; echo told'


@pytest.fixture(scope="module")
def client(platform: LocalPlatform) -> Client:
    return platform.client()


@pytest.fixture
def signed_in(console: Console) -> Iterator[Console]:
    console.sign_in()
    expect(console.page.get_by_role("navigation")).to_be_visible()
    yield console


def submit(console: Console, name: str, command: str) -> str:
    """By the guided form; answers with the task's id."""
    console.open("/training/new")
    console.fill("name", name)
    console.press("next")
    console.fill("start command", command)
    console.press("submit")
    console.see_title(name)
    return console.path().removeprefix("training/")


def reason(console: Console) -> Locator:
    return console.page.get_by_role("alert").filter(has_text=console.word("why it failed"))


@pytest.mark.parametrize("language", ["en"])
def test_closing_the_browser_has_no_effect_on_the_task(signed_in: Console, client: Client) -> None:
    task_id = submit(signed_in, "alone", UNTIL_TOLD)
    signed_in.see_state("running")
    signed_in.page.context.close()
    task = client.tasks.get(task_id)
    assert task.state == "Running"
    client.storage.write(f"{task.output}output/go", b"")
    assert client.tasks.wait(task_id, timeout_s=60).state == "Completed"
    assert [line.text for line in client.tasks.logs(task_id).items if line.category == "code"] == [
        "told", "begun",
    ]  # fmt: skip


def test_a_failed_task_shows_its_exit_code_and_its_last_words(signed_in: Console) -> None:
    console = signed_in
    submit(console, f"broken-{console.language}", "echo 'data.csv is missing' >&2; exit 3")
    console.see_state("abnormal")
    expect(reason(console)).to_contain_text("3")
    console.tab("instances")
    expect(console.page.get_by_role("cell", name="3", exact=True)).to_be_visible()
    console.tab("log")
    log = console.page.get_by_role("log", name=console.word("log lines"))
    expect(log).to_contain_text("data.csv is missing")


@pytest.mark.covers("TRN-38", "TRN-39")
@pytest.mark.parametrize("language", ["zh"])
def test_a_task_is_stopped_started_again_and_deleted(signed_in: Console, client: Client) -> None:
    console, page = signed_in, signed_in.page
    task_id = submit(console, "again", UNTIL_TOLD)
    output = f"{client.tasks.get(task_id).output}output/"
    console.see_state("running")
    expect(console.button("delete", console.head())).to_have_attribute("aria-disabled", "true")
    console.press("stop", console.head())
    console.press("stop", console.dialog())
    console.see_state("stopped")
    console.press("start", console.head())
    console.see_state("running")
    client.storage.write(f"{output}go", b"")
    console.see_state("completed")
    console.press("delete", console.head())
    console.dialog().get_by_role("textbox").fill("again")
    console.press("delete", console.dialog())
    expect(page.get_by_role("heading", level=1, name="again")).to_have_count(0)
    assert console.path() == "training"
    assert task_id not in [task.id for task in client.tasks.list()]
    assert [file.name for file in client.storage.list(output)] == ["go"]  # kept: nobody asked


@pytest.mark.covers("TRN-37")
@pytest.mark.parametrize("language", ["en"])
def test_a_copy_begins_with_everything_the_original_has(signed_in: Console, client: Client) -> None:
    console, page = signed_in, signed_in.page
    original = client.tasks.create(
        "original", "echo $GREETING", environment="python",
        env={"GREETING": "hello"}, hyperparameters={"rate": 0.5},
    )  # fmt: skip
    client.tasks.wait(original.id, timeout_s=60)
    console.open(f"/training/{original.id}")
    console.press("copy task", console.head())
    expect(console.field("name")).to_have_value("original-2")
    console.press("next")
    expect(console.field("start command")).to_have_value("echo $GREETING")
    console.fill("start command", "echo $GREETING again")
    console.press("submit")
    console.see_title("original-2")
    console.see_state("completed")
    copy = client.tasks.get(console.path().removeprefix("training/"))
    changed = {"name": "original-2", "command": "echo $GREETING again"}
    assert copy.spec == client.tasks.get(original.id).spec | changed
    expect(page.get_by_text("GREETING=hello")).to_be_visible()


@pytest.mark.covers("TRN-36")
@pytest.mark.parametrize("language", ["zh"])
def test_a_queued_task_says_what_it_waits_for(signed_in: Console, client: Client) -> None:
    console, page = signed_in, signed_in.page
    cores = client.resources.groups.get("rsg-local").amounts.cpu_cores
    first = client.tasks.create("everything", UNTIL_TOLD, environment="python", cpu_cores=cores)
    second = client.tasks.create("later", "true", environment="python", cpu_cores=cores)
    console.open("/training")
    row = page.get_by_role("row").filter(has_text="later")
    state = row.get_by_role("link").filter(has_text=console.word("queued"))
    state.hover(timeout=WORK_MS)
    expect(page.get_by_role("tooltip")).to_contain_text("P0")
    expect(page.get_by_role("tooltip")).to_contain_text("cores")
    state.click()
    expect(page).to_have_url(re.compile(r"/resources/rsg-local/tasks\?show=queued$"))
    expect(page.get_by_role("row").filter(has_text="later")).to_be_visible()
    console.open(f"/training/{second.id}")
    console.see_state("queued")
    client.storage.write(f"{client.tasks.get(first.id).output}output/go", b"")
    console.see_state("completed")
