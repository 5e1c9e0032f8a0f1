"""A real platform and a real browser. A test that fails leaves a picture in its `tmp_path`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from slipway.sdk.local import LocalPlatform
from tests.browser.console import Console

# Nothing of Chromium's own may look for the network: it is not there in CI.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE_MS = 15_000
LANGUAGES = {"en": "en-US", "zh": "zh-CN"}
expect.set_options(timeout=PATIENCE_MS)
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[None]:  # fmt: skip
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(
        (p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))),
        None,
    )
    assert path, "run tests/browser/ensure_chromium.sh first"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPlatform]:
    platform = LocalPlatform.fresh(tmp_path_factory.mktemp("platform") / "home")
    platform.start()
    yield platform
    platform.down()
    assert platform.left_behind() == []


@pytest.fixture(params=list(LANGUAGES))
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def context(browser: Browser, language: str) -> Iterator[BrowserContext]:
    context = browser.new_context(
        locale=LANGUAGES[language],
        viewport={"width": 1440, "height": 900},
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(
    context: BrowserContext, platform: LocalPlatform, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A page; what the browser complains about is a failure, too."""
    page = context.new_page()
    complaints = listen(page)
    yield page
    if request.node.stash.get(FAILED, False):
        if page.is_closed():
            return
        page.screenshot(path=tmp_path / "failed.png", full_page=True)
        print(f"{page.url}: see {tmp_path / 'failed.png'}; complaints: {complaints}")
    else:
        assert complaints == []


@pytest.fixture
def console(page: Page, platform: LocalPlatform, language: str) -> Console:
    return Console(page, platform, language)


def listen(page: Page) -> list[str]:
    """Exceptions of scripts, errors on the browser's console, requests that failed."""
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        # The browser's own note of an answer such as 401; answers are judged by their status.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def on_response(response: Response) -> None:
        if response.status >= 500:
            complaints.append(f"{response.status} {response.request.method} {response.url}")

    def on_failed(request: Request) -> None:
        # What a page no longer needs is aborted when one leaves it.
        if "ERR_ABORTED" not in str(request.failure):
            complaints.append(f"{request.failure} {request.method} {request.url}")

    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", on_console)
    page.on("response", on_response)
    page.on("requestfailed", on_failed)
    return complaints
