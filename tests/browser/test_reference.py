"""The API reference: a call is found, read, tried for real, and taken along as a program."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from slipway.api.client_package import WHEEL
from tests.browser.console import Console

pytestmark = pytest.mark.browser


@pytest.mark.covers("GWY-107")
def test_a_call_is_found_read_and_tried(console: Console) -> None:
    page = console.page
    console.sign_in()
    console.place("api reference").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="openapi.json").click()
    assert download.value.suggested_filename == "openapi.json"
    with page.expect_download() as download:
        page.get_by_role("link", name=console.word("python sdk")).click()
    assert download.value.suggested_filename == WHEEL

    calls = page.get_by_role("navigation", name=console.word("calls of the api"))
    calls.get_by_role("searchbox").fill("post buckets")
    calls.get_by_role("button", name="POST /buckets", exact=True).click()
    expect(page.get_by_role("heading", name="/api/v1/buckets")).to_be_visible()
    expect(page.get_by_role("table", name=console.word("body of a call"))).to_contain_text("name*")
    name = f"tried-here-{console.language}"
    body = page.get_by_role("textbox", name=console.word("body of a call"))
    body.fill(f'{{"name": "{name}"}}')
    expect(page.locator("figure code").first).to_contain_text(f'"name": "{name}"')
    console.press("send")
    expect(page.get_by_role("status").filter(has_text="201")).to_contain_text(name)
    console.press("send")
    expect(page.get_by_role("status").filter(has_text="409")).to_contain_text("error")

    console.reload()
    expect(page.get_by_role("heading", name="/api/v1/buckets")).to_be_visible()
    calls.get_by_role("searchbox").fill("get buckets")
    calls.get_by_role("button", name="GET /buckets", exact=True).click()
    console.press("send")
    expect(page.get_by_role("status").filter(has_text="200")).to_contain_text(name)
