"""Inside running instances and beside training: web shells and light trials in the console."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from slipway.sdk.client import Client
from slipway.sdk.local import LocalPlatform
from slipway.sdk.types import TaskView
from tests.browser.console import WORK_MS, Console
from tests.runtime_serve.tiny_model import write_model

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def client(platform: LocalPlatform) -> Client:
    return platform.client()


@pytest.fixture(scope="module")
def task(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TaskView]:
    """Runs, and has written two checkpoints."""
    made = client.tasks.create(
        "alive", "exec sleep 1000", environment="python", cpu_cores=0.2, env={"COLOUR": "grün"}
    )
    for step in (10, 20):
        folder = write_model(tmp_path_factory.mktemp("model") / f"checkpoint-{step}")
        client.storage.upload(folder, f"{made.output}output/checkpoint-{step}")
    yield made
    client.tasks.stop(made.id)
    client.tasks.wait(made.id, timeout_s=60)


@pytest.mark.parametrize("language", ["zh"])
@pytest.mark.covers("TRN-45")
def test_a_command_is_typed_inside_the_instance(console: Console, task: TaskView) -> None:
    console.sign_in()
    expect(console.page.get_by_role("navigation")).to_be_visible()
    console.open(f"/training/{task.id}/instances")
    page = console.page
    page.get_by_role("button", name="进入容器").click()
    expect(page.get_by_role("status").filter(has_text="已连接")).to_be_visible()
    page.keyboard.type("echo $COLOUR-$((40+2)) 你好\n")
    screen = page.locator(".xterm-rows")
    expect(screen).to_contain_text("grün-42 你好")
    page.keyboard.type("exit\n")
    expect(page.get_by_role("alert").filter(has_text="终端已结束")).to_be_visible()
    page.get_by_role("button", name="重新打开").click()
    expect(page.get_by_role("status").filter(has_text="已连接")).to_be_visible()


@pytest.mark.parametrize("language", ["en"])
@pytest.mark.covers("EVA-02", "EVA-03", "EVA-04", "TRN-50")
def test_a_checkpoint_is_tried_from_its_card(
    console: Console, task: TaskView, client: Client
) -> None:
    console.sign_in()
    expect(console.page.get_by_role("navigation")).to_be_visible()
    console.open(f"/training/{task.id}/checkpoints")
    page = console.page
    card = page.locator(".sw-panel").filter(has_text="checkpoint-20")
    card.get_by_role("button", name="Light trial").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    console.wait_for_dialogs()
    dialog.get_by_role("button", name="Start", exact=True).click()
    expect(card.get_by_text("Ready", exact=True)).to_be_visible(timeout=WORK_MS)
    card.get_by_role("button", name="Chat", exact=True).click()
    page.get_by_role("dialog").get_by_role("textbox").fill("hello")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text(re.compile("token", re.I), timeout=WORK_MS)
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
    card.get_by_role("button", name=re.compile("^More")).click()
    page.get_by_role("menuitem", name="Stop the trial").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    console.wait_for_dialogs()
    page.get_by_role("dialog").get_by_role("button", name="Stop the trial").click()
    expect(card.get_by_text("Stopped", exact=True)).to_be_visible(timeout=WORK_MS)
    assert [t.state for t in client.trials.list(task.id)] == ["Stopped"]
    assert list(client.models.list()) == []


@pytest.mark.parametrize("language", ["en"])
@pytest.mark.parametrize("path", ["/training", "/training/{task}/checkpoints", "/training/new"])
def test_menus_open_inside_the_window_without_motion(
    browser: Browser, platform: LocalPlatform, language: str, task: TaskView, path: str
) -> None:
    """Menus, and the lists of selects: what opens them is found by its class, since all are meant."""
    context = browser.new_context(locale="en-US", reduced_motion="reduce")
    page = context.new_page()
    console = Console(page, platform, language)
    console.sign_in()
    expect(page.get_by_role("navigation")).to_be_visible()
    console.open(path.format(task=task.id))
    there = (
        page.locator(".ant-select")
        if path == "/training/new"
        else page.get_by_text(re.compile("^(checkpoint-20|alive)$"))
    )
    expect(there.first).to_be_visible()
    size = page.viewport_size
    assert size is not None
    opened = 0
    for triggers, popups in (
        (page.locator(".ant-dropdown-trigger:not([disabled])"), page.get_by_role("menu")),
        (
            page.locator(".ant-select:not(.ant-select-disabled)"),
            page.locator(".ant-select-dropdown"),
        ),
    ):
        triggers, popup = triggers.filter(visible=True), popups.filter(visible=True)
        for index in range(triggers.count()):
            triggers.nth(index).click()
            expect(popup).to_be_in_viewport(ratio=0.99)
            opened += 1
            page.keyboard.press("Escape")
            page.mouse.click(size["width"] / 2, size["height"] - 5)
            expect(popup).to_have_count(0)
    assert opened > 2
    context.close()
