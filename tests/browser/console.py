"""A person at the console: acts by role and label, in one of its languages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as BrowserTimeout

from slipway.sdk.local import LocalPlatform
from tests.browser.words import words

WORK_MS = 90_000  # until a task, an import or a service has got somewhere on a busy machine


@dataclass
class Console:
    page: Page
    platform: LocalPlatform
    language: str

    def word(self, key: str) -> str:
        return words(self.language, key)

    # Going places

    def sign_in(self, user: str = "admin", password: str | None = None) -> None:
        self.page.goto(self.platform.url)
        self.fill("user name", user)
        self.fill("password", self.platform.password if password is None else password)
        self.press("sign in")

    def open(self, path: str) -> None:
        """By the address bar: what is there survives a fresh load."""
        self.page.goto(f"{self.platform.url}{path}")

    def place(self, key: str) -> Locator:
        """A place of the main navigation."""
        return self.page.get_by_role("navigation").get_by_role(
            "link", name=self.word(key), exact=True
        )

    def reload(self) -> None:
        self.page.reload()

    def tab(self, key: str) -> None:
        self.page.get_by_role("tab", name=self.word(key), exact=True).click()

    def path(self) -> str:
        """The address within the project."""
        return self.page.evaluate("location.pathname").split("/", 3)[-1]

    # Acting

    def button(self, key: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=self.word(key), exact=True)

    def wait_for_dialogs(self) -> None:
        """A click that meets a dialog still opening is lost."""
        opening = self.page.locator("[class*='-zoom-appear'], [class*='-zoom-enter']")
        expect(opening).to_have_count(0)

    def press(self, key: str, within: Locator | None = None) -> None:
        self.wait_for_dialogs()
        # An empty list offers in its middle what its head offers, too.
        self.button(key, within).first.click()

    def field(self, key: str, within: Locator | None = None) -> Locator:
        place, name = within or self.page, self.word(key)
        written = place.get_by_role("textbox", name=name, exact=True)
        return written.or_(place.get_by_role("searchbox", name=name, exact=True))

    def fill(self, key: str, text: str, within: Locator | None = None) -> None:
        self.field(key, within).fill(text)

    def choose(self, key: str) -> None:
        """A radio card or one part of a segmented control: its words begin with these."""
        words = re.compile(rf"^\s*{re.escape(self.word(key))}")
        self.page.locator("label").filter(has_text=words).click()

    def select(self, key: str, option: str) -> None:
        """One of a drop-down list: its option begins with these words."""
        self.page.get_by_role("combobox", name=self.word(key), exact=True).click()
        self.page.locator(".ant-select-dropdown:visible").get_by_title(option).click()

    def choose_files(self, key: str, path: object, within: Locator | None = None) -> None:
        """Clicks again when a click met a dialog that was still opening, as a person would."""
        for patience_s in (5, 10, 20):
            try:
                with self.page.expect_file_chooser(timeout=patience_s * 1000) as chooser:
                    self.press(key, within)
            except BrowserTimeout:
                continue
            chooser.value.set_files(str(path))
            return
        raise AssertionError(f"no file chooser opened for {key!r}")

    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def head(self) -> Locator:
        """Title, state and actions of the page."""
        heading = self.page.get_by_role("heading", level=1)
        return self.page.locator("#content header").filter(has=heading)

    # Seeing

    def see_title(self, title: str) -> None:
        expect(self.page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()

    def see(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def see_state(self, key: str) -> None:
        """The state beside the title, as it changes by itself: nothing is reloaded."""
        beside = self.page.locator(".sw-page-title, .datasets-top").locator(".sw-status")
        expect(beside.first).to_have_text(self.word(key), timeout=WORK_MS)

    def see_chart(self, label: str | None = None) -> None:
        """Something is drawn: the canvas has pixels that are not its ground."""
        charts = self.page.get_by_role("img", name=label) if label else self.page.get_by_role("img")
        canvas = charts.locator("canvas").first
        expect(canvas).to_be_visible()
        self.page.wait_for_function(_IS_DRAWN, arg=canvas.element_handle())


_IS_DRAWN = """canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  const seen = new Set()
  for (let at = 0; at < data.length; at += 4)
    if (data[at + 3] > 0 && seen.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]).size > 4)
      return true
  return false
}"""
