"""Labelling in the console: a picture by mouse, one by keyboard alone, review, a new version."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from slipway.sdk.client import Client
from slipway.sdk.local import LocalPlatform
from slipway.sdk.types import DatasetView
from tests.browser.console import WORK_MS, Console

pytestmark = pytest.mark.browser

SIZE = (320, 240)


@pytest.fixture(scope="module")
def client(platform: LocalPlatform) -> Client:
    return platform.client()


@pytest.fixture
def cells(client: Client, tmp_path: Path, language: str) -> DatasetView:
    """Pictures of round things; nobody has labelled them."""
    folder = tmp_path / f"cells-{language}"
    folder.mkdir()
    for number in range(4):
        picture = Image.new("RGB", SIZE, "#f5ebe6")
        pen = ImageDraw.Draw(picture)
        for at in range(3):
            left, top = 30 + 90 * at, 40 + 30 * number
            pen.ellipse((left, top, left + 60, top + 60), fill="#c0506a")
        picture.save(folder / f"{number}.png")
    bucket = client.storage.default_bucket()
    client.storage.upload(folder, f"{bucket}/{folder.name}/")
    made = client.datasets.create(folder.name, "object_detection", f"{bucket}/{folder.name}/")
    return client.datasets.wait(made.id, timeout_s=WORK_MS / 1000)


@pytest.mark.covers("LAB-33")
def test_a_picture_is_labelled_reviewed_and_published(
    console: Console, client: Client, cells: DatasetView
) -> None:
    name = f"boxes-{console.language}"
    before = client.datasets.get(cells.id).latest_version or 0
    console.sign_in()
    console.place("labelling").click()
    create(console, name)
    task = next(one for one in client.labelling.list() if one.name == name)
    console.press("label")
    page = console.page
    canvas = page.get_by_role("application", name=console.word("canvas"))
    by_mouse(console, canvas)
    saved = record_with(client, task.id, 0, 1)
    box = saved[0]
    assert box["label"] == "cell" and 55 <= box["width"] <= 65 and 25 <= box["x"] <= 35, box
    by_keyboard(page, console, canvas)
    assert [one["label"] for one in record_with(client, task.id, 1, 2)] == ["cell", "blob"]
    page.get_by_role("link", name=name).click()
    reviewing(console)
    publishing(console, client, cells, before)


def create(console: Console, name: str) -> None:
    page = console.page
    console.press("new labelling task")
    console.fill("name", name)
    console.select("dataset", f"cells-{console.language} (v1)")
    console.press("next")
    for number, label in enumerate(("cell", "blob"), 1):
        console.press("add label")
        page.get_by_role("textbox", name=console.word("label 1").replace("1", str(number))).fill(
            label
        )
    console.press("next")
    page.get_by_role("switch", name=console.word("review")).click()
    console.press("create")
    console.see_title(name)
    console.see_state("label task created")


def by_mouse(console: Console, canvas: Locator) -> None:
    """A box around the first round thing; drawn, undone and redone."""
    expect(canvas.locator("canvas").first).to_be_visible()
    page = console.page
    shapes = page.get_by_role("region", name=console.word("shapes")).get_by_role("listitem")
    drag(page, canvas, (30, 40), (90, 100))
    expect(shapes).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(shapes).to_have_count(0)
    page.keyboard.press("Control+Shift+z")
    expect(shapes).to_have_count(1)
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status").filter(has_text=console.word("saved"))).to_be_visible()


def by_keyboard(page: Page, console: Console, canvas: Locator) -> None:
    """The next picture without a mouse: two shapes made, moved, sized, named, one deleted."""
    shapes = page.get_by_role("region", name=console.word("shapes")).get_by_role("listitem")
    page.keyboard.press("Enter")  # done with this one: the next that waits
    expect(page.get_by_role("spinbutton", name=console.word("go to number"))).to_have_value("2")
    expect(shapes).to_have_count(0)
    for _ in range(3):
        page.keyboard.press("n")
    expect(shapes).to_have_count(3)
    page.keyboard.press("Delete")
    expect(shapes).to_have_count(2)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("2")
    for key in ("Shift+ArrowLeft", "ArrowUp", "Alt+Shift+ArrowRight"):
        page.keyboard.press(key)
    expect(shapes.nth(1)).to_contain_text("blob")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status").filter(has_text=console.word("saved"))).to_be_visible()


def reviewing(console: Console) -> None:
    """The first goes back with a comment and the second is approved, then the first, too."""
    page = console.page
    console.press("review")
    number = page.get_by_role("spinbutton", name=console.word("go to number"))
    expect(number).to_have_value("1")
    console.press("send back")
    comment = page.get_by_role("textbox", name=console.word("what is better"))
    comment.fill("Two are missing.")
    comment.press("Control+Enter")
    expect(number).to_have_value("2")
    page.keyboard.press("y")
    console.see(console.word("nothing to review"))
    console.press("to the task")


def publishing(console: Console, client: Client, cells: DatasetView, before: int) -> None:
    page = console.page
    console.press("publish labels")
    console.press("publish labels", within=console.dialog())
    expect(page.get_by_role("alert").get_by_role("link")).to_have_text(
        console.word("published as").format(version=before + 1, dataset=cells.name), timeout=WORK_MS
    )
    until_published(client, cells.id, before + 1)
    samples = client.datasets.samples(cells.id, before + 1).items
    labels = [[box["label"] for box in sample["boxes"]] for sample in samples]
    assert labels[1] == ["cell", "blob"]


def until_published(client: Client, dataset_id: str, version: int) -> None:
    deadline = time.monotonic() + WORK_MS / 1000
    while (client.datasets.get(dataset_id).latest_version or 0) < version:
        assert time.monotonic() < deadline, f"v{version} does not come"
        time.sleep(0.2)


def drag(page: Page, canvas: Locator, start: tuple[int, int], end: tuple[int, int]) -> None:
    """From one point of the picture to another, as it lies fitted in the window."""
    box = canvas.bounding_box()
    assert box is not None
    scale = min((box["width"] - 32) / SIZE[0], (box["height"] - 32) / SIZE[1])
    left = box["x"] + (box["width"] - SIZE[0] * scale) / 2
    top = box["y"] + (box["height"] - SIZE[1] * scale) / 2
    page.mouse.move(left + start[0] * scale, top + start[1] * scale)
    page.mouse.down()
    page.mouse.move(left + end[0] * scale, top + end[1] * scale, steps=5)
    page.mouse.up()


def record_with(client: Client, task_id: str, index: int, count: int) -> list[dict[str, object]]:
    boxes: list[dict[str, object]] = client.labelling.record(task_id, index).value["boxes"]
    assert len(boxes) == count
    return boxes
