"""A real platform and a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from slipway.sdk.local import LocalPlatform

# Nothing of Chromium's own may look for the network: it is not there in CI.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
LANGUAGES = {"en": "en-US", "zh": "zh-CN"}


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
        locale=LANGUAGES[language], viewport={"width": 1440, "height": 900}
    )
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, platform: LocalPlatform, tmp_path: Path) -> Iterator[Page]:
    """A page; what the browser complains about on its console is a failure, too."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []
