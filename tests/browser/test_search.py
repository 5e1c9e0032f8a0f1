"""A hyper-parameter search, from a task over its form to the published best model."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from slipway.sdk.local import LocalPlatform
from tests.browser.console import WORK_MS, Console

pytestmark = pytest.mark.browser

COMMAND = """
cost=$(awk "BEGIN { print (${HP_x:-0} - 3) ^ 2 + ${HP_lr:-1} }")
echo "{\\"t\\": $(date +%s), \\"step\\": 1, \\"metrics\\": {\\"cost\\": $cost}}" >> "$SLIPWAY_METRICS_FILE"
echo "$cost" > "$ML_MODEL_DIR/weights"
"""


@pytest.mark.parametrize("language", ["en"])
@pytest.mark.covers("TRN-X1")
def test_a_search_is_made_from_a_task_and_its_best_trial_published(
    console: Console, platform: LocalPlatform
) -> None:
    client = platform.client()
    base = client.tasks.create(
        "bowl", COMMAND, environment="python", cpu_cores=0.2, memory_bytes=1 << 26
    )
    client.tasks.wait(base.id)
    console.sign_in()
    page = console.page
    expect(page.get_by_role("navigation")).to_be_visible()
    console.open(f"/searches/new?task={base.id}")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Parameter").click()
    page.get_by_role("textbox", name="Parameter").fill("lr")
    page.get_by_role("button", name="Start the search").click()
    expect(page.get_by_text("Row 1: the range goes from the lower to the higher.")).to_be_visible()
    page.get_by_label("From", exact=True).fill("0.0001")
    page.get_by_label("To", exact=True).fill("1")
    page.get_by_text("log scale").click()
    page.get_by_role("button", name="Parameter", exact=True).last.click()
    row = page.get_by_role("group", name="Parameter", exact=True)
    row.get_by_role("textbox").fill("x")
    row = page.get_by_role("group", name="x", exact=True)
    row.get_by_label("From", exact=True).fill("0")
    row.get_by_label("To", exact=True).fill("6")
    page.get_by_role("textbox", name="Metric").fill("cost")
    page.get_by_role("spinbutton", name="Trials at most").fill("6")
    page.get_by_role("button", name="Start the search").click()
    console.see_state("completed")
    expect(page.get_by_role("link", name="bowl-2-6")).to_be_visible(timeout=WORK_MS)
    table = page.get_by_role("table", name="Trials")
    table.locator("thead").get_by_text("cost").click()
    table.locator("thead").get_by_text("cost").click()
    expect(table.locator("tbody tr.ant-table-row").first).to_contain_text("best")
    page.get_by_role("button", name="Publish the best").click()
    page.get_by_role("dialog").get_by_label("Name").fill("found")
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", level=1, name="found")).to_be_visible(timeout=WORK_MS)
    console.open("/searches")
    expect(page.get_by_text("6 of 6")).to_be_visible()
