"""Texts of receipts: read, corrected, paired by clicks and by descriptors, without a mouse, too."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Locator, Page, expect

from slipway.sdk.client import Client
from slipway.sdk.errors import SlipwayError
from slipway.sdk.local import LocalPlatform
from slipway.sdk.types import DatasetView
from tests.browser.console import WORK_MS, Console

pytestmark = pytest.mark.browser

SIZE = (400, 200)


@pytest.fixture(scope="module")
def client(platform: LocalPlatform) -> Client:
    return platform.client()


@pytest.fixture
def receipts(client: Client, tmp_path: Path) -> DatasetView:
    folder = tmp_path / f"receipts-{tmp_path.name[-12:]}"
    folder.mkdir()
    font = ImageFont.load_default(28)
    for number in range(2):
        picture = Image.new("RGB", SIZE, "white")
        pen = ImageDraw.Draw(picture)
        pen.text((12, 20), "Invoice no.", fill="black", font=font)
        pen.text((220, 20), "30148556", fill="black", font=font)
        picture.save(folder / f"{number}.png")
    bucket = client.storage.default_bucket()
    client.storage.upload(folder, f"{bucket}/{folder.name}/")
    made = client.datasets.create(folder.name, "ocr", f"{bucket}/{folder.name}/")
    return client.datasets.wait(made.id, timeout_s=WORK_MS / 1000)


# What PaddleOCR's serving answers, by the standard library alone.
READER = r"""
import http.server, json, os
class Read(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        text = " ".join((self.path, str(asked["fileType"]), asked["file"][:4]))
        found = {"rec_polys": [[[1, 2], [30, 2], [30, 9], [1, 9]]], "rec_texts": [text], "rec_scores": [0.75]}
        body = json.dumps({"result": {"ocrResults": [{"prunedResult": found}]}}).encode()
        self.send_response(200); self.send_header("content-length", str(len(body)))
        self.end_headers(); self.wfile.write(body)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Read).serve_forever()
"""


def test_a_service_of_the_platform_reads_texts(client: Client, receipts: DatasetView) -> None:
    command = f"exec {sys.executable} -S -c '{READER}'"
    service = client.services.create(
        "reader", "custom", command=command, memory_bytes=128 << 20, cpu_cores=0.1
    )
    client.services.wait(service.id, timeout_s=WORK_MS / 1000)
    made = client.labelling.create("by-service", receipts.id, ocr_service=service.id)
    task = client.labelling.wait(made.id, timeout_s=WORK_MS / 1000)
    found = client.labelling.read_texts(task.id, 0)
    assert [(one.text, one.confidence) for one in found] == [("/ocr 1 iVBO", 0.75)]
    client.services.stop_all(service.id)
    with pytest.raises(SlipwayError, match="reader answered 503"):
        client.labelling.read_texts(task.id, 0)


@pytest.mark.covers(
    "LAB-45", "LAB-46", "LAB-47", "LAB-48", "LAB-49", "LAB-50", "LAB-51", "LAB-52", "LAB-53"
)
def test_receipts_are_structured(console: Console, client: Client, receipts: DatasetView) -> None:
    name = f"receipts-{console.language}"
    console.sign_in()
    console.place("labelling").click()
    console.press("new labelling task")
    console.fill("name", name)
    console.select("dataset", f"{receipts.name} (v1)")
    console.press("next")
    console.choose("ocr structuring")
    console.press("next")
    console.press("create")
    console.see_title(name)
    console.see_state("label task created")
    task = next(one for one in client.labelling.list() if one.name == name)
    console.press("label")
    canvas = console.page.get_by_role("application", name=console.word("canvas"))
    expect(canvas.locator("canvas").first).to_be_visible()
    by_mouse(console, canvas)
    by_descriptors(console)
    help_panel(console)
    page = console.page
    page.keyboard.press("F5")
    expect(page.get_by_role("status").filter(has_text=console.word("saved"))).to_be_visible()
    assert said(client, task.id, 0) == [
        (1, "Invoice no.", "k1,2", "horizontal"), (2, "30148556", "", "vertical"),
    ]  # fmt: skip
    by_keyboard(console)
    assert said(client, task.id, 1) == [
        (1, "Total", "k1,2", "horizontal"), (2, "12 ☑", "", "horizontal"),
        (4, "EUR", "", "horizontal"),
    ]  # fmt: skip
    page.keyboard.press("Control+Enter")
    console.see(console.word("nothing to label"))


def by_mouse(console: Console, canvas: Locator) -> None:
    """Boxes are drawn and read at once, then paired by two clicks."""
    page = console.page
    page.get_by_role("button", name=console.word("ocr assist")).click()
    drag(page, canvas, (5, 12), (200, 60))
    expect(text_of(console, 1)).to_have_value("Invoice no.", timeout=WORK_MS)
    drag(page, canvas, (210, 12), (390, 60))
    expect(text_of(console, 2)).to_have_value("30148556", timeout=WORK_MS)
    console.choose("ocr vertical")
    console.choose("ocr pair")
    click(page, canvas, (100, 40))
    click(page, canvas, (300, 40))
    expect(region(console, "ocr pairs")).to_contain_text("1 → 2")
    expect(region(console, "ocr fields")).to_contain_text("Invoice no.")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    expect(region(console, "ocr pairs")).not_to_contain_text("1 → 2")
    page.keyboard.press("Control+Shift+z")
    expect(region(console, "ocr pairs")).to_contain_text("1 → 2")
    console.choose("ocr select")


def by_descriptors(console: Console) -> None:
    """What was clicked is there to be typed, errors say where, and back nothing is lost."""
    page = console.page
    page.keyboard.press("F3")  # of the selected box, and so in professional mode
    expect(attribute_of(console, 1)).to_have_value("k1,2")
    attribute = attribute_of(console, 2)
    expect(attribute).to_be_focused()
    attribute.fill("v2,9")
    alert = region(console, "ocr boxes").get_by_role("alert")
    expect(alert).to_contain_text(console.word("ocr column").format(column=4))
    attribute.fill("2C 1，2")
    attribute.blur()
    attribute_of(console, 1).fill("c1,2")
    attribute_of(console, 1).blur()
    expect(alert).to_have_count(0)
    console.choose("ocr standard")
    expect(region(console, "ocr pairs")).to_contain_text(
        console.word("ocr joined").format(ids="1 + 2")
    )
    console.choose("ocr professional")
    expect(attribute_of(console, 2)).to_have_value("c1,2")
    attribute_of(console, 2).fill("")
    attribute_of(console, 1).fill("k1,2")
    attribute_of(console, 1).blur()
    console.choose("ocr standard")
    expect(region(console, "ocr pairs")).to_contain_text("1 → 2")


def help_panel(console: Console) -> None:
    page = console.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    console.press("ocr usage")
    panel = console.dialog()
    for key in ("F1", "F2", "F3", "F4", "F5", "F6", "Ctrl", "Alt"):
        expect(panel).to_contain_text(key)
    console.press("ocr ticked", within=panel)
    page.wait_for_function("async () => (await navigator.clipboard.readText()) === '☑'")
    panel.get_by_role("button").first.click()
    expect(panel).to_be_hidden()


def by_keyboard(console: Console) -> None:
    """The next receipt without a mouse: made, typed, paired, copied, split and deleted."""
    page = console.page
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("spinbutton", name=console.word("go to number"))).to_have_value("2")
    boxes = region(console, "ocr boxes").get_by_role("listitem")
    expect(boxes).to_have_count(0)
    # Assist reads what is drawn, which here is nothing.
    page.get_by_role("button", name=console.word("ocr assist")).press("Enter")
    for at, words in enumerate(("Total", "12 ☑ EUR"), 1):
        page.keyboard.press("n")
        expect(boxes).to_have_count(at)
        page.keyboard.press("F2")
        expect(text_of(console, at)).to_be_focused()
        page.keyboard.type(words)
        page.keyboard.press("Enter")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("k")
    page.keyboard.press("Tab")
    page.keyboard.press("k")
    page.keyboard.press("Escape")
    expect(region(console, "ocr pairs")).to_contain_text("1 → 2")
    page.keyboard.press("F1")
    expect(boxes).to_have_count(3)
    page.keyboard.press("F4")
    expect(boxes).to_have_count(2)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("F6")
    expect(boxes).to_have_count(3)
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status").filter(has_text=console.word("saved"))).to_be_visible()


def region(console: Console, key: str) -> Locator:
    return console.page.get_by_role("region", name=console.word(key), exact=True)


def text_of(console: Console, fid: int) -> Locator:
    name = console.word("ocr text of").format(id=fid)
    return console.page.get_by_role("textbox", name=name, exact=True)


def attribute_of(console: Console, fid: int) -> Locator:
    name = console.word("ocr attribute of").format(id=fid)
    return console.page.get_by_role("textbox", name=name, exact=True)


def said(client: Client, task_id: str, index: int) -> list[tuple[Any, ...]]:
    boxes = client.labelling.record(task_id, index).value["boxes"]
    told = (box["attributes"] for box in boxes)
    return [(a["id"], a["text"], a["descriptor"], a["direction"]) for a in told]


def point(canvas: Locator, at: tuple[int, int]) -> tuple[float, float]:
    """A point of the picture, as it lies fitted in the window."""
    box = canvas.bounding_box()
    assert box is not None
    scale = min((box["width"] - 32) / SIZE[0], (box["height"] - 32) / SIZE[1])
    left = box["x"] + (box["width"] - SIZE[0] * scale) / 2
    top = box["y"] + (box["height"] - SIZE[1] * scale) / 2
    return left + at[0] * scale, top + at[1] * scale


def click(page: Page, canvas: Locator, at: tuple[int, int]) -> None:
    page.mouse.click(*point(canvas, at))


def drag(page: Page, canvas: Locator, start: tuple[int, int], end: tuple[int, int]) -> None:
    page.mouse.move(*point(canvas, start))
    page.mouse.down()
    page.mouse.move(*point(canvas, end), steps=5)
    page.mouse.up()
