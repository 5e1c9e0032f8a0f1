"""Sharing machines in the console: a group, its policy, its queue, an eviction and the way back. In both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from slipway.sdk.client import Client
from slipway.sdk.local import LocalPlatform
from tests.browser.console import Console

pytestmark = pytest.mark.browser

UNTIL_TOLD = 'echo begun; until [ -e "$ML_OUTPUT_DIR/go" ]; do sleep 0.1; done; echo told'
COMMENTED = '{\n  // the laboratory waits for the release\n  "Version": "1.0"\n}'
NODE = "node-local"


@pytest.fixture(scope="module")
def client(platform: LocalPlatform) -> Client:
    return platform.client()


@pytest.fixture
def signed_in(console: Console) -> Iterator[Console]:
    console.sign_in()
    expect(console.page.get_by_role("navigation")).to_be_visible()
    yield console


def policy(*rules: tuple[str, int]) -> str:
    """The team of a tag gives the priority; whoever has none has priority 3."""
    return json.dumps({
        "Version": "1.0",
        "ResourceRule": {"DefaultPriority": 3, "DefaultQueue": 0, "Preempted": 1},
        "TaskRules": [
            {"AttrRules": [{"ValueType": "Tag", "Key": "team", "Value": team}], "ScheduleRule": {"Priority": p}}
            for team, p in rules
        ],
    }, indent=2)  # fmt: skip


@pytest.mark.covers(
    "RES-01", "RES-04", "RES-06", "RES-14", "RES-22", "RES-26", "RES-28", "RES-X3", "RES-X5"
)
def test_a_group_its_policy_its_queue_and_an_eviction(signed_in: Console, client: Client) -> None:
    console, language = signed_in, signed_in.language
    cores = client.resources.nodes.get(NODE).cpu_cores
    group = create_group(console, f"lab-{language}")
    move_node(console, client, group)
    edit_policy(console, group)
    sweep = submit(console, f"sweep-{language}", group, cores, "lab")
    console.see_state("running")
    submit(console, f"later-{language}", group, cores, "lab")
    console.see_state("queued")
    submit(console, f"last-{language}", group, cores, "lab")
    console.see_state("queued")
    queue(console, group)
    dry_run(console, group)
    urgent = submit(console, f"urgent-{language}", group, cores, "release")
    console.see_state("running")
    evicted(console, group, sweep)
    finish(console, client, urgent)
    ran_again(console, client, sweep)
    for task in client.tasks.list():
        if task.state in ("Queued", "Starting", "Running"):
            client.tasks.stop(task.id)
            client.tasks.wait(task.id, timeout_s=60)


def create_group(console: Console, name: str) -> str:
    """By the form: the notice must be ticked, and the name must be given."""
    page = console.page
    console.place("resource groups").click()
    console.press("new group")
    console.press("create group")
    expect(page.locator("#name_help")).to_be_visible()
    console.fill("name", name)
    console.press("create group")
    expect(page.get_by_text(console.word("tick the notice"))).to_be_visible()
    page.get_by_role("checkbox", name=console.word("read it")).check()
    console.press("create group")
    console.see_title(name)
    expect(page.get_by_text(console.word("no node"))).to_be_visible()
    return console.path().removeprefix("resources/")


def move_node(console: Console, client: Client, group: str) -> None:
    """This machine, out of the group that has it now."""
    page = console.page
    console.open(f"/resources/{client.resources.nodes.get(NODE).group_id}")
    row = page.get_by_role("row").filter(has_text=NODE)
    console.press("move", row)
    page.get_by_role("combobox", name=console.word("resource group")).click()
    page.locator(".ant-select-dropdown:visible").get_by_title(f"lab-{console.language}").click()
    console.press("move", console.dialog())
    expect(row).to_have_count(0)
    console.open(f"/resources/{group}")
    expect(row).to_be_visible()
    assert client.resources.nodes.get(NODE).group_id == group


def edit_policy(console: Console, group: str) -> None:
    """A comment is refused with its place, and nothing is saved; what is correct is."""
    page = console.page
    console.open(f"/resources/{group}/policy")
    console.press("edit policy")
    expect(page.get_by_label(console.word("keys of the policy"))).to_contain_text("DefaultQueue")
    console.fill("policy", COMMENTED)
    wrong = page.get_by_role("alert").filter(has_text=console.word("comment at"))
    expect(wrong).to_have_count(1)  # the editor's own
    console.press("dry run")
    expect(wrong.filter(has_text=console.word("no comments"))).to_have_count(1)
    console.press("save")
    expect(page.locator("#policy_help")).to_contain_text(console.word("no comments"))
    assert console.path() == f"resources/{group}/edit"
    console.fill("policy", policy(("lab", 7), ("release", 0)))
    console.press("save")
    expect(page.get_by_role("tab", selected=True)).to_have_text(console.word("nodes"))
    console.tab("policy tab")
    expect(page.locator("pre").first).to_contain_text('"release"')


def submit(console: Console, name: str, group: str, cores: float, team: str) -> str:
    """By the guided form, with a tag and all cores of the node; answers with the task's id."""
    page = console.page
    console.open("/training/new")
    console.fill("name", name)
    console.press("add row")
    page.get_by_role("textbox", name=f"{console.word('key')} 1").fill("team")
    page.get_by_role("textbox", name=f"{console.word('value')} 1").fill(team)
    console.select("resource group", f"lab-{console.language}")
    page.get_by_role("spinbutton", name=console.word("cores")).first.fill(f"{cores:g}")
    console.press("next")
    console.fill("start command", UNTIL_TOLD)
    console.press("submit")
    console.see_title(name)
    return console.path().removeprefix("training/")


def queue_row(console: Console, name: str) -> Locator:
    return console.page.get_by_role("row").filter(has_text=f"{name}-{console.language}")


def queue(console: Console, group: str) -> None:
    """In order, each with its reason; the whole story of one: nodes tried, what is missing, who is ahead."""
    page = console.page
    page.get_by_role("link", name=console.word("open the queue")).click()
    expect(page).to_have_url(re.compile(rf"/resources/{group}/tasks\?show=queued$"))
    later, last = queue_row(console, "later"), queue_row(console, "last")
    expect(later.get_by_role("cell").first).to_have_text("1")
    expect(last.get_by_role("cell").first).to_have_text("2")
    expect(later).to_contain_text("P7")
    expect(later).to_contain_text(console.word("waiting for resources"))
    console.press("why", last)
    story = console.dialog()
    expect(story).to_contain_text(console.word("strictly first"))
    expect(
        story.get_by_role("listitem").filter(has_text=f"later-{console.language}")
    ).to_be_visible()
    expect(story.get_by_role("row").nth(1)).to_contain_text(console.word("missing cores"))
    page.keyboard.press("Escape")
    expect(story).to_be_hidden()


def dry_run(console: Console, group: str) -> None:
    """What the policy would change is told, and not done."""
    page = console.page
    console.open(f"/resources/{group}/edit")
    console.fill("policy", policy(("lab", 5)))
    console.press("dry run")
    changes = page.get_by_role("table", name=console.word("dry run"))
    expect(changes.get_by_role("row").filter(has_text=f"later-{console.language}")).to_contain_text(
        "P5"
    )
    expect(page.get_by_text(console.word("three priorities"))).to_be_visible()
    console.open(f"/resources/{group}/tasks?show=queued")
    expect(queue_row(console, "later")).to_contain_text("P7")


def evicted(console: Console, group: str, task: str) -> None:
    """Back in the queue, before those that came later, with the attempt that ended."""
    page = console.page
    console.open(f"/resources/{group}/tasks?show=queued")
    row = queue_row(console, "sweep")
    expect(row.get_by_role("cell").first).to_have_text("1")
    row.get_by_role("link").click()
    console.see_state("queued")
    expect(page.get_by_role("alert")).to_contain_text(console.word("waits for"))
    console.tab("instances")
    first = attempts(console).nth(-1)
    expect(first).to_contain_text(console.word("displaced"))
    expect(first).to_contain_text(NODE)
    expect(first).to_contain_text(console.word("displaced why"))
    expect(attempts(console)).to_have_count(2)
    expect(attempts(console).first).to_contain_text(console.word("queued"))
    console.tab("events")
    expect(page.get_by_text("taskPreempted")).to_be_visible()


def attempts(console: Console) -> Locator:
    table = console.page.get_by_role("table", name=console.word("attempts"))
    return table.locator("tbody").get_by_role("row").filter(has=console.page.locator("td:visible"))


def finish(console: Console, client: Client, task: str) -> None:
    client.storage.write(f"{client.tasks.get(task).output}output/go", b"")
    client.tasks.wait(task, timeout_s=60)


def ran_again(console: Console, client: Client, task: str) -> None:
    """It starts by itself, and its second attempt ends well."""
    console.open(f"/training/{task}/instances")
    console.see_state("running")
    finish(console, client, task)
    console.see_state("completed")
    expect(attempts(console).first).to_contain_text(console.word("succeeded"))
    expect(attempts(console)).to_have_count(2)
    assert client.tasks.get(task).evictions == 1
    assert client.tasks.get(task).restarts == 0
