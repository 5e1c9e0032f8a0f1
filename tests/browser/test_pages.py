"""What every page keeps: addresses that last, errors at their fields, roles that only look."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from slipway.sdk.client import Client
from slipway.sdk.local import LocalPlatform
from tests.browser.console import Console

pytestmark = pytest.mark.browser
TASK_TABS = ("log", "metrics", "resources", "instances", "checkpoints", "events")
LISTS = {
    "/storage": "new bucket", "/datasets": "new dataset", "/training": "new task", "/models": "import model",
    "/services": "new service", "/evaluations": "new evaluation",
}  # fmt: skip


@pytest.fixture(scope="module")
def client(platform: LocalPlatform) -> Client:
    return platform.client()


@pytest.fixture
def signed_in(console: Console) -> Console:
    console.sign_in()
    expect(console.page.get_by_role("navigation")).to_be_visible()
    return console


def test_each_tab_has_an_address_that_survives_a_reload(signed_in: Console, client: Client) -> None:
    page = signed_in.page
    task = client.tasks.create(f"short-{signed_in.language}", "echo hello", environment="python")
    client.tasks.wait(task.id, timeout_s=60)
    signed_in.open(f"/training/{task.id}")
    signed_in.see_title(task.name)
    base = page.url
    for tab in TASK_TABS:
        signed_in.tab(tab)
        expect(page).to_have_url(re.compile(rf"/training/{task.id}/\w+$"))
        address = page.url
        signed_in.reload()
        expect(page.get_by_role("tab", selected=True)).to_have_text(signed_in.word(tab))
        assert page.url == address
    for _ in TASK_TABS:
        page.go_back()
    assert page.url == base


def test_an_address_where_nothing_lives_says_so(signed_in: Console) -> None:
    signed_in.open("/no/such/page")
    signed_in.see_title(signed_in.word("page not found"))
    signed_in.open("/training/train-none")
    expect(signed_in.page.get_by_role("main")).to_contain_text("train-none")
    expect(signed_in.button("try again")).to_be_visible()


def test_a_bad_name_is_told_at_its_field(signed_in: Console) -> None:
    """Once by the form itself, once by the server's answer; nothing is sent or made."""
    page = signed_in.page
    signed_in.open("/training/new")
    signed_in.fill("name", "-wrong name!")
    signed_in.press("next")
    expect(signed_in.field("name")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#name_help")).to_contain_text(signed_in.word("name rule"))
    expect(signed_in.field("start command")).to_be_hidden()
    signed_in.open("/storage")
    signed_in.press("new bucket")
    signed_in.fill("name", "Not_A_Bucket", signed_in.dialog())
    signed_in.press("create", signed_in.dialog())
    name = signed_in.field("name", signed_in.dialog())
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(signed_in.dialog()).to_be_visible()


@pytest.mark.parametrize("language", ["zh"])
def test_a_viewer_looks_and_changes_nothing(console: Console, client: Client) -> None:
    """What the role forbids stays visible, cannot be pressed, and says why."""
    page = console.page
    task = client.tasks.create("to-look-at", "echo look", environment="python")
    client.tasks.wait(task.id, timeout_s=60)
    client.accounts.create_user("vera", "look but do not touch")
    client.accounts.set_member(client.accounts.projects()[0].id, "vera", "viewer")
    console.sign_in("vera", "look but do not touch")
    expect(console.place("datasets")).to_be_visible()
    expect(console.place("users")).to_have_count(0)
    for path, create in LISTS.items():
        console.open(path)
        button = console.button(create).first
        expect(button).to_have_attribute("aria-disabled", "true")
        button.click(force=True)
        expect(page).to_have_url(re.compile(rf"{path}$"))
        expect(console.dialog()).to_have_count(0)
    console.open(f"/training/{task.id}")
    for action in ("start", "copy task", "publish", "delete"):
        expect(console.button(action, console.head())).to_have_attribute("aria-disabled", "true")
    console.button("delete", console.head()).hover()
    expect(page.get_by_role("tooltip")).to_have_text(console.word("may not"))


@pytest.mark.parametrize("language", ["en"])
def test_a_new_user_makes_a_token_that_is_shown_once(
    signed_in: Console, platform: LocalPlatform, client: Client
) -> None:
    console, page = signed_in, signed_in.page
    console.place("users").click()
    console.press("new user")
    console.fill("user name", "ida", console.dialog())
    console.fill("password", "ida's own password", console.dialog())
    console.press("create", console.dialog())
    expect(page.get_by_role("row").filter(has_text="ida")).to_be_visible()
    client.accounts.set_member(client.accounts.projects()[0].id, "ida", "developer")
    page.get_by_role("button", name=re.compile(f"^{console.word('account')}: ")).click()
    page.get_by_role("menuitem", name=console.word("sign out")).click()
    console.fill("user name", "ida")
    console.fill("password", "ida's own password")
    console.press("sign in")
    console.place("keys").click()
    console.press("new key")
    console.fill("name", "laptop", console.dialog())
    console.press("create", console.dialog())
    secret = console.dialog().locator(".sw-secret code").inner_text()
    console.press("kept", console.dialog())
    row = page.get_by_role("row").filter(has_text="laptop")
    expect(row).to_be_visible()
    console.reload()
    expect(row).to_be_visible()
    assert secret not in page.content()
    with Client(platform.url, secret) as hers:
        assert hers.me().user.name == "ida"


@pytest.mark.parametrize("language", ["zh"])
def test_language_and_appearance_are_remembered(signed_in: Console, browser: Browser) -> None:
    console = signed_in
    console.press("switch language")
    console.language = "en"
    console.press("appearance")
    console.page.get_by_role("menuitem", name=console.word("dark"), exact=True).click()
    expect(console.page.locator("html")).to_have_attribute("data-theme", "dark")
    console.reload()
    expect(console.place("datasets")).to_be_visible()
    expect(console.page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(console.page.locator("html")).to_have_attribute("lang", re.compile("^en"))
