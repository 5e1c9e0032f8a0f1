"""The image consoles by mouse and by keyboard: every tool, masks, tracks, the grid; the blood cells."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, expect
from pycocotools.coco import COCO

from slipway.sdk.client import Client
from slipway.sdk.local import LocalPlatform
from tests.browser.console import WORK_MS, Console
from tests.browser.test_labelling import until_published
from tests.data.conftest import REAL_DATA

pytestmark = pytest.mark.browser

SIZE = (320, 240)


@pytest.fixture
def language() -> str:
    return "en"


@pytest.fixture(scope="module")
def client(platform: LocalPlatform) -> Client:
    return platform.client()


def pictures(client: Client, folder: Path, kind: str, count: int = 4) -> str:
    """A dataset of round things; its id."""
    folder.mkdir()
    for number in range(count):
        picture = Image.new("RGB", SIZE, "#f5ebe6")
        pen = ImageDraw.Draw(picture)
        pen.ellipse((40 + 20 * number, 60, 110 + 20 * number, 130), fill="#c0506a")
        picture.save(folder / f"frame_{number + 1}.png")
    bucket = client.storage.default_bucket()
    client.storage.upload(folder, f"{bucket}/{folder.name}/")
    made = client.datasets.create(folder.name, kind, f"{bucket}/{folder.name}/")
    return client.datasets.wait(made.id, timeout_s=WORK_MS / 1000).id


def task_of(client: Client, name: str, dataset: str, *labels: str) -> str:
    made = client.labelling.create(name, dataset, labels=list(labels))
    return client.labelling.wait(made.id, timeout_s=WORK_MS / 1000).id


class Work:
    """A labeller at a picture: points are the picture's, as it lies fitted in the window."""

    def __init__(self, console: Console, client: Client, task: str, at: int = 0) -> None:
        self.console, self.client, self.task, self.page = console, client, task, console.page
        self.page.goto(f"{console.platform.url}/labelling/{task}/work?at={at}")
        self.canvas: Locator = self.page.get_by_role("application", name="Image with labels")
        expect(self.canvas.locator("canvas").first).to_be_visible()
        self.shapes = self.page.get_by_role("region", name="Shapes").get_by_role("listitem")

    def place(self, x: float, y: float) -> tuple[float, float]:
        box = self.canvas.bounding_box()
        assert box is not None
        scale = min((box["width"] - 32) / SIZE[0], (box["height"] - 32) / SIZE[1])
        left = box["x"] + (box["width"] - SIZE[0] * scale) / 2
        top = box["y"] + (box["height"] - SIZE[1] * scale) / 2
        return left + x * scale, top + y * scale

    def drag(self, *points: tuple[float, float]) -> None:
        self.page.mouse.move(*self.place(*points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.place(*point), steps=4)
        self.page.mouse.up()

    def click(self, x: float, y: float, button: Any = "left") -> None:
        self.page.mouse.click(*self.place(x, y), button=button)

    def keys(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)

    def count(self, number: int) -> None:
        expect(self.shapes).to_have_count(number)

    def saved(self, index: int) -> list[dict[str, Any]]:
        self.keys("Control+s")
        expect(self.page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
        boxes: list[dict[str, Any]] = self.client.labelling.record(self.task, index).value["boxes"]
        return boxes

    def at(self, number: int) -> None:
        expect(self.page.get_by_role("spinbutton", name="Go to number")).to_have_value(str(number))

    def tool(self, name: str) -> Locator:
        return self.page.get_by_role("toolbar", name="Tools").get_by_role("button", name=name)


@pytest.mark.covers(
    "LAB-28", "LAB-29", "LAB-30", "LAB-32", "LAB-33", "LAB-34", "LAB-35", "LAB-36", "LAB-37",
    "LAB-38", "LAB-39", "LAB-40", "LAB-41", "LAB-42", "LAB-43",
)  # fmt: skip
def test_every_tool_of_detection(console: Console, client: Client, tmp_path: Path) -> None:
    dataset = pictures(client, tmp_path / "tools", "object_detection")
    labels = ("cell", "blob", "c3", "c4", "c5", "strange one")
    task = task_of(client, "tools", dataset, *labels)
    console.sign_in()
    console.place("labelling").wait_for()
    work = Work(console, client, task)
    page = work.page
    # A rectangle, a polygon that the right button ends, one that ends itself, a line; two slips.
    work.keys("Control+1")
    work.drag((40, 60), (110, 130))
    work.keys("Control+2")
    for point in ((150, 20), (200, 20), (200, 60)):
        work.click(*point)
    work.click(200, 60, "right")
    work.count(2)
    work.click(10, 200)
    work.click(20, 200, "right")  # two points are no polygon
    page.get_by_role("spinbutton", name="Points").fill("4")
    page.keyboard.press("Tab")
    for point in ((220, 150), (260, 150), (260, 190), (220, 190)):
        work.click(*point)
    work.count(3)
    work.keys("Control+3")
    for point in ((20, 160), (80, 170), (60, 200)):
        work.click(*point)
    work.click(60, 200, "right")
    work.count(4)
    # The labels are searched and given by a click; undone and redone.
    page.get_by_role("searchbox", name="Search labels").fill("STRANGE")
    page.get_by_role("region", name="Labels").get_by_role("button", name="strange one").click()
    expect(work.shapes.nth(3)).to_contain_text("strange one")
    work.tool("Undo").click()
    expect(work.shapes.nth(3)).to_contain_text("cell")
    work.tool("Redo").click()
    # The line to the back, a polygon scaled, the rectangle deleted.
    work.keys("Control+4", "v")
    before = work.saved(0)
    assert [bool(box.get("is_line")) for box in before] == [True, False, False, False]
    work.shapes.nth(2).get_by_role("button").first.click()
    work.tool("Scale").click()
    x, y, right, bottom = (before[2][key] for key in ("x", "y", "width", "height"))
    work.drag((x + right, y + bottom), (x + 2 * right, y + 2 * bottom))
    after = work.saved(0)[2]
    assert after["width"] == pytest.approx(2 * right, rel=0.1) and len(after["polygons"][0]) == 6
    work.shapes.nth(1).get_by_role("button").first.click()
    work.keys("Control+d")
    work.count(3)
    fill = work.tool("Fill")
    expect(fill).to_have_attribute("aria-pressed", "true")
    fill.click()
    expect(fill).to_have_attribute("aria-pressed", "false")
    work.tool("Full screen").click()
    expect(page.locator(".label-stage[data-full]")).to_be_visible()
    work.keys("m")
    # Copied into the next picture, with its label.
    work.shapes.nth(0).get_by_role("button").first.click()
    work.keys("Control+c", "d")
    work.at(2)
    work.keys("Control+v")
    work.count(1)
    assert work.saved(1)[0]["label"] == "strange one"
    work.keys("a")
    work.at(1)
    # Only what has no labels.
    page.get_by_role("combobox", name="Shown").click()
    page.locator(".ant-select-dropdown:visible").get_by_title("Unlabelled").click()
    work.keys("d")
    work.at(3)
    another_key(work)


def another_key(work: Work) -> None:
    """A key of one's own takes the place of the first, and is still there after a reload."""
    page = work.page
    work.keys("?")
    page.get_by_role("button", name="Key for: Rectangle").click()
    work.keys("l")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("Line")
    page.get_by_role("button", name="Close", exact=True).click()
    page.reload()
    expect(work.canvas.locator("canvas").first).to_be_visible()
    work.keys("v", "l")
    work.drag((40, 60), (110, 130))
    work.count(1)
    assert "polygons" not in work.saved(2)[0]
    work.keys("?")
    page.get_by_role("button", name="Reset all").click()
    page.get_by_role("button", name="Close", exact=True).click()


@pytest.mark.covers("LAB-58")
def test_segmentation_by_mouse_and_by_keyboard(
    console: Console, client: Client, tmp_path: Path
) -> None:
    dataset = pictures(client, tmp_path / "organs", "image_segmentation", 2)
    task = task_of(client, "organs", dataset, "liver", "lung")
    console.sign_in()
    console.place("labelling").wait_for()
    work = Work(console, client, task)
    work.keys("b")
    work.drag((60, 95), (100, 95), (80, 110))
    work.count(1)
    whole = work.saved(0)[0]
    assert whole["label"] == "liver" and "polygons" not in whole and len(whole["mask"]) > 4
    work.keys("e")
    work.drag((80, 80), (80, 120))
    bitten = work.saved(0)[0]
    assert bitten["mask"] != whole["mask"] and bitten["x"] == whole["x"]
    work.keys("Control+z")
    assert work.saved(0)[0] == whole
    # Without a mouse: a dot and an outline, moved, sized, named.
    work.keys("Enter")
    work.at(2)
    work.keys("b", "]", "n", "Shift+ArrowLeft", "Alt+Shift+ArrowRight", "2", "p", "Escape", "n")
    work.keys("Shift+ArrowDown", "1")
    work.count(2)
    dot, outline = work.saved(1)
    assert (dot["label"], outline["label"]) == ("lung", "liver")
    assert "mask" in dot and dot["width"] == dot["height"] + 10 and outline["polygons"]


@pytest.mark.covers("LAB-44")
def test_tracking_by_mouse_and_by_keyboard(
    console: Console, client: Client, tmp_path: Path
) -> None:
    dataset = pictures(client, tmp_path / "video", "object_tracking", 6)
    task = task_of(client, "video", dataset, "car", "van")
    console.sign_in()
    console.place("labelling").wait_for()
    work = Work(console, client, task)
    page = work.page
    tracks = page.get_by_role("region", name="Tracks").get_by_role("listitem")
    work.drag((40, 60), (110, 130))  # by mouse
    work.keys("Escape", "n", "2")  # by keyboard
    work.count(2)
    work.saved(0)
    expect(tracks).to_have_count(2)
    work.keys("Escape", "c")  # both, into the next frame
    work.at(2)
    work.count(2)
    assert [box["attributes"]["track_id"] for box in work.saved(1)] == [1, 2]
    # The first one again in the last frame, and filled in between.
    tracks.nth(0).get_by_role("button").click()
    work.keys("Control+c")
    number = page.get_by_role("spinbutton", name="Go to number")
    number.fill("6")
    number.press("Enter")
    expect(page.locator(".label-file")).to_have_text("frame_6.png")
    work.keys("Control+v", *["Shift+ArrowRight"] * 8, "i")
    expect(tracks.nth(0).get_by_role("button")).to_have_attribute(
        "title", "Frames 1 to 6, seen in 6"
    )
    boxes = [client.labelling.record(task, index).value["boxes"] for index in range(6)]
    cars = [next(b for b in found if b["attributes"]["track_id"] == 1) for found in boxes]
    steps = [round(car["x"] - cars[1]["x"]) for car in cars[1:]]
    assert steps == [0, 20, 40, 60, 80]
    between = [car["attributes"].get("interpolated", 0) for car in cars]
    assert between == [0, 0, 1, 1, 1, 0]
    # What is corrected is a keyframe.
    number.fill("4")
    number.press("Enter")
    expect(page.locator(".label-file")).to_have_text("frame_4.png")
    work.keys("v", "Tab", "ArrowDown", "o")
    assert work.saved(3)[0]["attributes"] == {"track_id": 1, "occluded": 1}
    page.get_by_role("button", name="Delete the track").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete the track").click()
    expect(tracks).to_have_count(1)


@pytest.mark.covers("LAB-31")
def test_a_grid_is_classified_by_keys(console: Console, client: Client, tmp_path: Path) -> None:
    dataset = pictures(client, tmp_path / "grid", "image_classification", 6)
    task = task_of(client, "grid", dataset, "round", "flat")
    console.sign_in()
    console.place("labelling").wait_for()
    page = console.page
    page.goto(f"{console.platform.url}/labelling/{task}/work")
    tiles = page.get_by_role("button", name="Number")
    expect(tiles).to_have_count(6)
    tiles.nth(0).click()
    tiles.nth(2).click(modifiers=["Shift"])
    page.keyboard.press("1")
    expect(tiles.nth(2)).to_contain_text("round")
    page.keyboard.press("d")  # one further than where the mouse was
    page.keyboard.press("2")
    expect(tiles.nth(3)).to_contain_text("flat")
    page.keyboard.press("Control+a")
    page.get_by_role("region", name="Labels").get_by_role("button", name="flat").click()
    expect(tiles.nth(5)).to_contain_text("flat")
    found = client.labelling.records(task).items
    assert [list(one.labels) for one in found] == [["round", "flat"]] * 3 + [["flat"]] * 3


@pytest.mark.covers("LAB-16", "LAB-18", "LAB-25", "LAB-26", "LAB-27")
def test_a_task_is_set_up_listed_and_deleted(
    console: Console, client: Client, tmp_path: Path
) -> None:
    dataset = pictures(client, tmp_path / "form", "object_detection", 2)
    console.sign_in()
    console.place("labelling").wait_for()
    page = console.page
    page.goto(f"{console.platform.url}/labelling/new?dataset={dataset}")
    chosen = page.get_by_role("combobox", name="Dataset")
    expect(chosen).to_be_disabled()
    expect(page.get_by_role("radio", name="Image segmentation")).to_be_disabled()
    expect(page.get_by_role("link", name="Import a dataset")).to_be_visible()
    page.get_by_role("textbox", name="Name", exact=True).fill("-bad")
    page.get_by_role("button", name="Next").click()
    console.see("Begins with a letter")
    page.get_by_role("textbox", name="Name", exact=True).fill("街道_1")
    page.get_by_role("radio", name="Object tracking").check()
    page.get_by_role("textbox", name="Description").fill("Cars of the morning.")
    page.get_by_role("button", name="Add a row").click()
    page.get_by_role("textbox", name="Key 1").fill("team")
    page.get_by_role("textbox", name="Value 1").fill("cv")
    page.get_by_role("button", name="Next").click()
    labels = tmp_path / "labels.json"
    labels.write_text('[{"name": "car", "colour": "#112233"}, "van"]')
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import", exact=True).click()
    chooser.value.set_files(labels)
    expect(page.get_by_role("textbox", name="Label 2")).to_have_value("van")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Create").click()
    console.see_title("街道_1")
    task = next(one for one in client.labelling.list() if one.name == "街道_1")
    assert (task.kind, task.label_format, task.tags) == ("tracking", "ti", {"team": "cv"})
    assert (task.labels[0].name, task.labels[0].colour) == ("car", "#112233")
    page.get_by_role("tab", name="Details").click()
    for words in ("Object tracking", "form (v1)", "Cars of the morning.", "van"):
        console.see(words)
    console.place("labelling").click()
    row = page.get_by_role("row").filter(has_text="街道_1")
    for words in ("form (v1)", "Object tracking", "TI", "Created", "0 / 2", "team"):
        expect(row).to_contain_text(words)
    page.goto(f"{page.url}?kind=segmentation")
    expect(page.get_by_role("row").filter(has_text="街道_1")).to_have_count(0)
    page.goto(f"{console.platform.url}/labelling/{task.id}")
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("0 of 2 records are labelled")
    dialog.get_by_role("textbox").fill("街道_1")
    dialog.get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile("/labelling$"))
    assert all(one.id != task.id for one in client.labelling.list())


@pytest.mark.skipif(not (REAL_DATA / "bccd").exists(), reason="the real data is not here")
def test_the_blood_cells_come_as_voc_and_go_as_coco(
    console: Console, client: Client, tmp_path: Path
) -> None:
    """364 real pictures: imported, the first corrected by hand, published, read by pycocotools."""
    archive = tmp_path / "bccd.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted((REAL_DATA / "bccd" / "BCCD").rglob("*")):
            if path.is_file():
                packed.write(path, path.relative_to(REAL_DATA / "bccd"))
    bucket = client.storage.default_bucket()
    client.storage.upload(archive, f"{bucket}/bccd.zip")
    made = client.datasets.create(
        "bccd", "object_detection", f"{bucket}/bccd.zip", label_format="voc"
    )
    dataset = client.datasets.wait(made.id, timeout_s=WORK_MS / 1000)
    task = task_of(client, "bccd", dataset.id)
    before = [len(one["boxes"]) for one in _samples(client, dataset.id, 1)]
    console.sign_in()
    console.place("labelling").wait_for()
    work = Work(console, client, task)
    work.count(before[0])
    work.keys("n")  # one that is missing
    work.count(before[0] + 1)
    work.saved(0)
    client.labelling.publish(task, label_format="coco")
    until_published(client, dataset.id, 2)
    url = f"{console.platform.url}/api/v1/datasets/{dataset.id}/versions/2/export"
    cookies = {one["name"]: one["value"] for one in console.page.context.cookies()}
    answer = httpx.get(url, cookies=cookies, params={"format": "coco"}, timeout=60)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        packed.extract("annotation.json", tmp_path)
    with contextlib.redirect_stdout(None):
        coco = COCO(str(tmp_path / "annotation.json"))
    assert len(coco.imgs) == len(before) == 364
    assert len(coco.anns) == sum(before) + 1
    assert {one["name"] for one in coco.cats.values()} == {"RBC", "WBC", "Platelets"}


def _samples(client: Client, dataset: str, version: int) -> list[dict[str, Any]]:
    found: list[Any] = []
    while True:
        page = client.datasets.samples(dataset, version, offset=len(found), limit=200).items
        found += page
        if not page:
            return found
