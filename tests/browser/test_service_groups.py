"""Service groups in the console: made, copied, reset, switched, and their calls looked at."""

from __future__ import annotations

import os
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from slipway.sdk.local import LocalPlatform
from tests.browser.console import Console
from tests.cli.test_service_groups import ECHO, until

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SLIPWAY_TEST_SHOTS")

WORDS = {
    "en": {
        "groups": "Service groups", "new": "New group", "name": "Name", "create": "Create",
        "done": "Done", "show": "Show", "copy": "Copy the AppKey", "details": "Details",
        "monitor": "Call figures", "more": "More actions", "reset": "Reset the key",
        "make": "Make a new key", "disable": "Disable", "limits": "Limits", "calls": "Calls",
        "failures": "Why calls failed", "call tab": "How to call", "export": "Export",
        "learn": "Learn more", "view": "View figures",
    },
    "zh": {
        "groups": "服务组", "new": "新建服务组", "name": "名称", "create": "创建", "done": "完成",
        "show": "显示", "copy": "复制 AppKey", "details": "查看详情", "monitor": "服务组监控",
        "more": "更多操作", "reset": "重置密钥", "make": "生成新密钥", "disable": "停用",
        "limits": "限额", "calls": "调用次数", "failures": "失败明细", "call tab": "调用方式",
        "export": "导出", "learn": "了解更多", "view": "查看监控",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def service(platform: LocalPlatform) -> str:
    services = platform.client().services
    made = services.create("echo", "custom", command=ECHO, memory_bytes=128 << 20, cpu_cores=0.1)
    services.wait(made.id, timeout_s=90)
    return made.id


@pytest.mark.covers("GWY-03", "GWY-04", "GWY-05", "GWY-10")
def test_a_group_from_its_form_to_the_figures_of_its_calls(
    console: Console, page: Page, platform: LocalPlatform, service: str, language: str
) -> None:
    w = WORDS[language]
    name = f"team-{language}"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    console.sign_in()
    page.get_by_role("navigation").get_by_role("link", name=w["groups"], exact=True).click()
    page.get_by_role("button", name=w["new"]).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name=w["name"], exact=True).fill(name)
    dialog.get_by_role("checkbox", name=re.compile("^echo")).check()
    shot(page, f"group-form-{language}")
    dialog.get_by_role("button", name=w["create"]).click()
    secret = page.get_by_role("dialog").locator("code").inner_text()
    assert secret.startswith("ak-")
    page.get_by_role("button", name=w["done"]).click()

    card = page.get_by_role("article", name=name)
    expect(card).not_to_contain_text(secret)
    card.get_by_role("button", name=f"{w['copy']}: {name}").click()
    expect(card.get_by_role("button", name=re.compile("^(Copied|已复制)"))).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    card.get_by_role("button", name=f"{w['show']}: {name}").click()
    expect(card).to_contain_text(secret)

    (group,) = [g for g in platform.client().service_groups.list() if g.name == name]

    def call(key: str, model: str = service) -> int:
        return httpx.post(
            f"{group.address}/chat/completions", timeout=30,
            json={"model": model, "messages": [{"role": "user", "content": "hi"}]},
            headers={"authorization": f"Bearer {key}"},
        ).status_code  # fmt: skip

    until(lambda: call(secret) == 200)
    assert call(secret, "nothing") == 400
    until(lambda: platform.client().calls.report(group=group.id).total.failed >= 1)
    shot(page, f"group-cards-{language}")

    card.get_by_role("button", name=w["details"]).click()
    expect(page.get_by_role("row").filter(has_text=service)).to_be_visible()
    expect(page.get_by_role("link", name=w["learn"])).to_be_visible()
    shot(page, f"group-page-{language}")
    page.get_by_role("tab", name=w["call tab"]).click()
    expect(page.get_by_text(f"{group.address}/chat/completions")).to_be_visible()

    page.go_back()
    page.get_by_role("navigation").get_by_role("link", name=w["groups"], exact=True).click()
    card.get_by_role("button", name=w["monitor"]).click()
    expect(page).to_have_url(re.compile(f"group={group.id}"))
    expect(page.get_by_role("heading", name=w["failures"])).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="500002")).to_be_visible()
    shot(page, f"calls-{language}")
    page.get_by_role("button", name=w["view"]).first.click()
    expect(page).to_have_url(re.compile(f"model={service}"))
    page.get_by_role("button", name=w["export"]).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert name in Path(download.value.path()).read_text()

    page.get_by_role("navigation").get_by_role("link", name=w["groups"], exact=True).click()
    card.get_by_role("button", name=re.compile(f"^{w['more']}")).click()
    page.get_by_role("menuitem", name=w["reset"]).click()
    page.get_by_role("dialog").get_by_role("button", name=w["make"]).click()
    fresh = page.get_by_role("dialog").locator("code").inner_text()
    assert fresh != secret
    page.get_by_role("button", name=w["done"]).click()
    until(lambda: call(fresh) == 200)
    assert call(secret) == 401
    card.get_by_role("button", name=re.compile(f"^{w['more']}")).click()
    page.get_by_role("menuitem", name=w["disable"]).click()
    page.get_by_role("dialog").get_by_role("button", name=w["disable"]).click()
    until(lambda: call(fresh) == 401)


def shot(page: Page, name: str) -> None:
    """A picture to look at, where SLIPWAY_TEST_SHOTS names a folder."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
