"""A task that starts after another, from the form to its page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from slipway.sdk.local import LocalPlatform
from tests.browser.console import WORK_MS, Console

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en"])
@pytest.mark.covers("TRN-X7")
def test_a_task_is_made_to_start_after_another(console: Console, platform: LocalPlatform) -> None:
    client = platform.client()
    first = client.tasks.create(
        "earlier", "until [ -e /tmp/slipway-none ]; do sleep 0.1; done", environment="python",
        cpu_cores=0.2, memory_bytes=1 << 26,
    )  # fmt: skip
    later = client.tasks.create(
        "later", "true", environment="python", cpu_cores=0.2, memory_bytes=1 << 26
    )
    client.tasks.wait(later.id)
    console.sign_in()
    page = console.page
    expect(page.get_by_role("navigation")).to_be_visible()
    console.open(f"/training/new?copy={later.id}")
    page.get_by_role("button", name="Next").click()
    field = page.get_by_label("Start after")
    field.click()
    field.fill("earl")
    page.get_by_title("earlier ·").first.click()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Start after")).to_have_count(2)  # the field and the summary
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Waiting for other tasks to complete: earlier.")).to_be_visible(
        timeout=WORK_MS
    )
    page.get_by_role("link", name="earlier", exact=True).click()
    expect(page.get_by_role("heading", name="earlier")).to_be_visible()
    client.tasks.stop(first.id)
    made = next(task for task in client.tasks.list() if task.name not in ("earlier", "later"))
    assert client.tasks.wait(made.id).reason == (
        "It was to start after the task earlier, which ended as Stopped."
    )
