"""Text records in the console: a schema beside the data, labelled in place by mouse and by keyboard,
reviewed, published."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from slipway.sdk.client import Client
from slipway.sdk.local import LocalPlatform
from slipway.sdk.types import DatasetView
from tests.browser.console import WORK_MS, Console
from tests.browser.test_labelling import until_published

pytestmark = pytest.mark.browser

SCHEMA = """\
desc: Dialogue
record_fields:
- name: Answer
  key: answer
  type: TextInput
  value: "{{ .Values.answer }}"
- name: Turns
  key: turns
  type: List
  value:
    {{- range .Values.turns }}
    -
      - {name: Said, key: said, type: TextInput, size: SingleLine, value: "{{ .said }}"}
    {{- end }}
- name: Source
  key: source
  type: TextViewer
  value: "{{ .Values.source }}"
- name: Verdict
  key: verdict
  type: StringSelector
  choices: [keep, drop]
- name: Picture
  key: picture
  type: ImageViewer
  value: "{{ .Values.picture }}"
"""


def line(number: int) -> dict[str, object]:
    turns = [{"said": "one", "by": "a"}, {"said": "two", "by": "b"}]
    return {
        "answer": f"answer {number}", "turns": turns, "n": number, "source": "**web**<script>",
        "picture": "images/0.png",
    }  # fmt: skip


@pytest.fixture(scope="module")
def client(platform: LocalPlatform) -> Client:
    return platform.client()


@pytest.fixture
def talk(client: Client, tmp_path: Path, language: str) -> DatasetView:
    folder = tmp_path / f"talk-{language}"
    folder.mkdir()
    text = "".join(json.dumps(line(n)) + "\n" for n in range(3))
    (folder / "a.jsonl").write_text(text)
    (folder / "images").mkdir()
    Image.new("RGB", (640, 400), "#88aacc").save(folder / "images" / "0.png")
    bucket = client.storage.default_bucket()
    client.storage.upload(folder, f"{bucket}/{folder.name}/")
    made = client.datasets.create(folder.name, "mllm", f"{bucket}/{folder.name}/")
    return client.datasets.wait(made.id, timeout_s=WORK_MS / 1000)


@pytest.mark.covers(
    "DAT-28", "DAT-30", "LAB-06", "LAB-07", "LAB-08", "LAB-09", "LAB-10", "LAB-11", "LAB-12",
    "LAB-14", "LAB-15",
)  # fmt: skip
def test_records_are_labelled_in_place_reviewed_and_published(
    console: Console, client: Client, platform: LocalPlatform, talk: DatasetView
) -> None:
    bucket = client.storage.default_bucket()
    file = platform.home / "storage" / bucket / talk.name / "a.jsonl"
    console.sign_in()
    console.place("datasets").click()
    row = console.page.get_by_role("row").filter(has_text=talk.name)
    schema(console, talk)
    expect(console.button("label", row)).not_to_have_attribute("aria-disabled", "true")
    console.press("view progress", row)
    console.see(console.word("all fit"))
    console.press("label", row)
    console.press("label", console.dialog())
    looking(console)
    by_mouse(console, file)
    by_keyboard(console, file)
    trash(console, file)
    review_and_publish(console, client, talk)


def schema(console: Console, talk: DatasetView) -> None:
    """Made from the data at first, then wrong, then right; tried before it is kept."""
    page = console.page
    row = page.get_by_role("row").filter(has_text=talk.name)
    expect(console.button("label", row)).to_have_attribute("aria-disabled", "true")
    console.press("configure schema", row)
    expect(page.get_by_role("listitem").filter(has_text="answer 0")).to_be_visible()
    editor = page.get_by_role("textbox", name=console.word("schema yaml"))
    expect(editor).to_have_value(re.compile("record_fields:"))
    editor.fill(SCHEMA.replace("  value:", "  valu:", 1))
    expect(page.get_by_role("alert")).to_contain_text(console.word("schema wrong at"))
    expect(console.button("preview schema")).to_be_disabled()
    editor.fill(SCHEMA)
    console.press("preview schema")
    expect(page.get_by_role("textbox", name="Answer")).to_have_value("answer 0")
    page.get_by_role("radio", name="drop").click()
    console.press("save")


def looking(console: Console) -> None:
    """The picture larger, turned and in full; text as Markdown, larger, and remembered."""
    page = console.page
    picture = page.get_by_role("img", name="images/0.png").first
    expect(picture).to_be_visible()
    fitted = picture.evaluate("one => one.clientWidth")
    console.press("actual size")
    expect(picture).to_have_js_property("clientWidth", 640)
    page.keyboard.down("Control")
    picture.hover()
    page.mouse.wheel(0, 100)
    page.keyboard.up("Control")
    expect(picture).to_have_js_property("clientWidth", round(480 / 1.15))
    console.press("fit")
    expect(picture).to_have_js_property("clientWidth", fitted)
    console.press("rotate")
    expect(picture).to_have_css(
        "transform", re.compile(r"matrix\(0, 1, -1, 0|matrix\(.*e-.*, 1, -1")
    )
    picture.click()
    shown = page.locator(".ant-image-preview").first
    expect(shown).to_be_visible()
    expect(shown).not_to_have_class(re.compile("appear|enter"))  # it is there in full
    page.keyboard.press("Escape")
    expect(page.locator(".ant-image-preview").first).to_be_hidden()
    console.press("display settings")
    page.get_by_role("switch", name="Markdown").click()
    page.get_by_role("slider", name=console.word("font size")).press("ArrowRight")
    page.keyboard.press("Escape")
    source = page.get_by_role("region", name="Source")
    console.reload()
    expect(source.locator("strong")).to_have_text("web")
    expect(source).to_contain_text("<script>")
    expect(source).to_have_css("font-size", "15px")


def by_mouse(console: Console, file: Path) -> None:
    page = console.page
    expect(page.get_by_role("tab", name=console.word("all records"))).to_be_visible()
    expect(page.get_by_role("textbox", name="Source")).to_have_count(0)  # only to be looked at
    page.get_by_role("radio", name="drop").click()
    page.get_by_role("radio", name="keep").click()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("radio", name="drop")).to_be_checked()
    page.keyboard.press("Control+y")
    expect(page.get_by_role("radio", name="keep")).to_be_checked()
    page.get_by_role("textbox", name="Answer").fill("better")
    saved_in_file(console)
    expect(page.get_by_role("tab", name=console.word("labelled one"))).to_be_visible()
    page.get_by_role("button", name=console.word("state labelled"), exact=True).click()
    page.get_by_role("button", name=console.word("state unlabelled"), exact=True).click()
    expect(page.get_by_role("tab", name=console.word("labelled one"))).to_be_visible()
    lines = file.read_bytes().splitlines(keepends=True)
    assert json.loads(lines[0]) == {**line(0), "answer": "better", "verdict": "keep"}
    assert lines[1:] == [json.dumps(line(n)).encode() + b"\n" for n in (1, 2)]


def by_keyboard(console: Console, file: Path) -> None:
    """The next record: an option by its number, the items of a list in another order."""
    page = console.page
    number = page.get_by_role("spinbutton", name=console.word("go to number"))
    page.keyboard.press("Control+Enter")
    expect(number).to_have_value("2")
    page.locator("body").focus()
    page.keyboard.press("2")
    said = page.get_by_role("textbox", name="Said")
    said.first.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(said.first).to_have_value("two")
    expect(said.nth(1)).to_be_focused()
    page.keyboard.press("Control+s")
    saved_in_file(console)
    second = json.loads(file.read_bytes().splitlines()[1])
    assert second["verdict"] == "drop" and second["n"] == 1
    assert second["turns"] == [{"said": "two", "by": "b"}, {"said": "one", "by": "a"}]
    page.keyboard.press("Alt+ArrowLeft")
    expect(number).to_have_value("1")
    page.keyboard.press("?")
    expect(console.dialog()).to_contain_text("Ctrl+Enter")
    page.keyboard.press("Escape")
    expect(console.dialog()).to_have_count(0)
    page.keyboard.press("Alt+ArrowRight")
    expect(number).to_have_value("2")


def trash(console: Console, file: Path) -> None:
    """A record goes, with its line, and comes back."""
    page = console.page
    console.press("delete record")
    console.press("delete record", console.dialog())
    expect(page.get_by_role("tab", name=console.word("all but one"))).to_be_visible()
    until_lines(file, 2)
    page.get_by_role("tab", name=console.word("deleted one")).click()
    page.keyboard.press("Alt+ArrowLeft")
    page.get_by_role("spinbutton", name=console.word("go to number")).fill("2")
    page.keyboard.press("Enter")
    console.press("restore record")
    expect(page.get_by_role("tab", name=console.word("all records"))).to_be_visible()
    until_lines(file, 3)


def review_and_publish(console: Console, client: Client, talk: DatasetView) -> None:
    page = console.page
    page.get_by_role("link", name=talk.name).first.click()
    console.tab("settings tab")
    page.get_by_role("switch", name=console.word("review")).click()
    console.press("save")
    console.press("review")
    expect(page.get_by_role("spinbutton", name=console.word("go to number"))).to_have_value("1")
    page.locator("body").focus()
    page.keyboard.press("y")
    console.see(console.word("nothing to review"))
    console.press("to the task")
    console.press("publish labels")
    console.press("publish labels", within=console.dialog())
    until_published(client, talk.id, 2)
    fields = [sample["fields"] for sample in client.datasets.samples(talk.id, 2).items]
    assert fields[0]["answer"] == "better" and fields[0]["verdict"] == "keep"
    assert [one["n"] for one in fields] == [0, 1, 2]


def saved_in_file(console: Console) -> None:
    status = console.page.get_by_role("status").filter(has_text=console.word("saved in the file"))
    expect(status).to_be_visible()


def until_lines(file: Path, count: int) -> None:
    deadline = time.monotonic() + WORK_MS / 1000
    while len(file.read_bytes().splitlines()) != count:
        assert time.monotonic() < deadline, f"the file does not get {count} lines"
        time.sleep(0.05)
