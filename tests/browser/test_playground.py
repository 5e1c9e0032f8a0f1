"""The playground as a person uses it: a tiny Llama, programs that see and paint, in both languages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from slipway.sdk.client import Client
from slipway.sdk.local import LocalPlatform
from tests.browser import inputs
from tests.browser.console import WORK_MS, Console
from tests.playground.programs import PAINTER, talker_command

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Services:
    """Ids of what runs: a real tiny Llama, and programs that answer what can be foretold."""

    llama: str
    talker: str
    eye: str
    painter: str
    version: str  # of a model, which the talker serves


@pytest.fixture(scope="module")
def client(platform: LocalPlatform) -> Client:
    return platform.client()


@pytest.fixture(scope="module")
def services(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Services:
    folder = tmp_path_factory.mktemp("models")
    bucket = client.storage.default_bucket()
    client.storage.upload(inputs.write_chat_model(folder / "tiny"), f"{bucket}/models/tiny/")
    (folder / "painter").mkdir()
    (folder / "painter" / "model_service.py").write_bytes(PAINTER)
    client.storage.upload(folder / "painter", f"{bucket}/models/painter/")

    version = client.models.import_model(f"{bucket}/models/tiny/", "PyTorch", name="tiny").id
    client.models.wait(version, timeout_s=180)

    def start(name: str, runtime: str, model: str, **other: object) -> str:
        stored = {"kind": "storage", "ref": f"{bucket}/models/{model}/"}
        source = {"kind": "registry", "ref": version} if name == "talker" else stored
        return client.services.create(name, runtime, model=source, auth=True, **other).id

    program = {"command": talker_command(), "cpu_cores": 0.1, "memory_bytes": 256 << 20}
    left = {"LEFT": str(folder / "left.txt")}
    made = Services(
        llama=start("a-llama", "llm", "tiny"),
        talker=start("talker", "llm", "tiny", env=left, **program),
        eye=start("eye", "llm", "tiny", tags={"task": "vision"}, **program),
        painter=start(
            "painter",
            "package",
            "painter",
            tags={"task": "image"},
            cpu_cores=0.2,
            memory_bytes=1 << 30,
        ),
        version=version,
    )
    for service in (made.llama, made.talker, made.eye, made.painter):
        client.services.wait(service, timeout_s=180)
    return made


@pytest.fixture
def signed_in(console: Console, services: Services) -> Console:
    console.sign_in()
    expect(console.page.get_by_role("navigation")).to_be_visible()
    return console


def thread(console: Console, at: int = 0) -> Locator:
    return console.page.get_by_role("log").nth(at)


def say(console: Console, words: str) -> None:
    console.fill("message", words)
    console.page.keyboard.press("Enter")


def close_drawer(console: Console) -> None:
    console.page.locator(".ant-drawer-close:visible").click()
    expect(console.page.get_by_role("dialog")).to_have_count(0)


def answered(console: Console, turn: int, at: int = 0) -> Locator:
    """The answer once it has ended: its figures stand below it."""
    answer = thread(console, at).get_by_role("article").nth(turn)
    expect(answer.locator("footer")).to_contain_text(console.word("tokens"), timeout=WORK_MS)
    return answer


def request_of_next_answer(console: Console) -> list[dict[str, object]]:
    """What the page sends from now on."""
    sent: list[dict[str, object]] = []

    def note(request: object) -> None:
        if request.url.endswith("/playground/answers") and request.method == "POST":  # type: ignore[attr-defined]
            sent.append(json.loads(request.post_data))  # type: ignore[attr-defined]

    console.page.on("request", note)
    return sent


@pytest.mark.covers(
    "PLY-01", "PLY-02", "PLY-04", "PLY-05", "PLY-06", "PLY-07", "PLY-08", "PLY-14", "PLY-X2"
)
def test_a_chat_from_its_parameters_to_its_code(
    signed_in: Console, services: Services, client: Client
) -> None:
    console, page = signed_in, signed_in.page
    console.place("playground").click()
    for kind in ("kind chat", "kind image", "kind vision"):
        expect(page.get_by_text(console.word(kind), exact=True).first).to_be_visible()
    bench = page.get_by_role("complementary", name=console.word("test bench"))
    expect(bench.get_by_role("combobox", name=console.word("service"))).to_be_visible()
    console.select("service", "talker")

    # Slider and box are one: each follows the other, within the model's own range.
    for name, value in (("temperature", "0.7"), ("diversity", "0.9"), ("repetition", "0.5")):
        box = bench.get_by_role("spinbutton", name=console.word(name))
        slider = bench.get_by_role("slider", name=console.word(name))
        box.fill(value)
        box.press("Tab")
        expect(slider).to_have_attribute("aria-valuenow", value)
    slider.press("ArrowRight")
    expect(box).to_have_value("0.51")
    box.fill("9")
    box.press("Tab")
    expect(box).to_have_value("2.00")
    bench.get_by_role("textbox", name=console.word("persona")).fill("and me")

    sent = request_of_next_answer(console)
    say(console, "one two three")
    expect(answered(console, 0)).to_contain_text("three two one and me")
    request = sent[0]["request"]
    assert isinstance(request, dict)
    assert request["messages"][0] == {"role": "system", "content": "and me"}
    assert (request["temperature"], request["top_p"], request["frequency_penalty"]) == (0.7, 0.9, 2)
    assert request["stream"] is True
    answer = answered(console, 0)
    expect(answer.get_by_text(console.word("reasoning"))).to_be_visible()
    expect(answer.get_by_text("reversing 3 words")).to_be_hidden()
    answer.get_by_text(console.word("reasoning")).click()
    expect(answer.get_by_text("reversing 3 words")).to_be_visible()

    # Earlier turns go along; a stop keeps what has come.
    say(console, "forever")
    last = thread(console).get_by_role("article").nth(1)
    expect(last).to_contain_text("0 1 2 3")
    page.get_by_role("textbox", name=console.word("message")).press("Escape")
    expect(last.get_by_text(console.word("stopped answer"))).to_be_visible()
    roles = [m["role"] for m in sent[1]["request"]["messages"]]  # type: ignore[index]
    assert roles == ["system", "user", "assistant", "user"]

    # A question in other words replaces what followed it.
    thread(console).get_by_text("one two three").hover()
    thread(console).get_by_role("button", name=console.word("edit question")).first.click()
    box = page.get_by_role("textbox", name=console.word("edit question"))
    box.fill("four five")
    box.press("Enter")
    expect(answered(console, 0)).to_contain_text("five four and me")
    expect(thread(console).get_by_role("article")).to_have_count(1)

    console.press("answer again")
    expect(answered(console, 0)).to_contain_text("five four and me")
    console.press("view code")
    code = console.dialog().locator("pre")
    expect(code).to_contain_text("Authorization: Bearer $SLIPWAY_KEY")
    expect(code).to_contain_text(f"/{services.talker}/v1/chat/completions")
    expect(code).to_contain_text('"content": "four five"')
    for tab, words in (("Python requests", "requests.post("), ("OpenAI", "OpenAI(")):
        console.dialog().get_by_text(tab, exact=True).click()
        expect(code).to_contain_text(words)
    page.keyboard.press("Escape")


@pytest.mark.covers("PLY-X1")
def test_models_side_by_side_are_rated_and_found_again(
    signed_in: Console, services: Services, client: Client
) -> None:
    """A real tiny Llama beside a program; the thumb shows in the figures of both."""
    console, page = signed_in, signed_in.page
    client.service_groups.set_model_rules(services.talker, prices={"prompt": 3, "completion": 5})
    console.open(f"/playground?service={services.llama}")
    page.get_by_role("combobox", name=console.word("service")).click()
    choices = page.locator(".ant-select-dropdown:visible .ant-select-item-option")
    expect(choices).to_have_text(["a-llama", "talker"])
    page.keyboard.press("Escape")
    console.press("add model")
    expect(page.get_by_role("combobox", name=console.word("service"))).to_have_count(2)
    words = f"blue {console.language} whale"
    say(console, words)
    expect(answered(console, 0, at=1)).to_contain_text(f"whale {console.language} blue")
    answered(console, 0, at=0)
    for at in (0, 1):
        figures = thread(console, at).locator("footer")
        expect(figures).to_contain_text(console.word("first token"))
        expect(figures).to_contain_text(re.compile(r"\d+ \+ \d+"))
    cost = re.compile(console.word("cost") + r" [\d.e-]+")
    expect(thread(console, 1).locator("footer")).to_contain_text(cost)
    expect(thread(console, 0).locator("footer")).not_to_contain_text(cost)
    good = thread(console, 1).get_by_role("button", name=console.word("good answer"))
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")

    console.press("new conversation")
    expect(page.get_by_role("log")).to_have_count(0)
    console.press("view history")
    drawer = console.dialog()
    expect(drawer).to_contain_text("200")
    drawer.get_by_role("searchbox", name=console.word("search history")).fill(words)
    found = drawer.get_by_role("listitem")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("a-llama, talker")
    drawer.get_by_role("tab", name=console.word("answer quality")).click()
    row = drawer.get_by_role("row").filter(has_text="talker")
    expect(row).to_contain_text(re.compile(r"[1-9]\d* : 0"))
    drawer.get_by_role("tab", name=console.word("conversations")).click()
    found.get_by_role("button").first.click()
    expect(thread(console, 1)).to_contain_text(f"whale {console.language} blue")
    expect(
        thread(console, 1).get_by_role("button", name=console.word("good answer"))
    ).to_have_attribute("aria-pressed", "true")
    console.reload()
    expect(thread(console, 0)).to_contain_text(words)


@pytest.mark.covers("PLY-09", "PLY-10", "PLY-11", "PLY-12")
def test_a_picture_is_drawn_enlarged_and_downloaded(signed_in: Console, tmp_path: Path) -> None:
    console, page = signed_in, signed_in.page
    console.open("/playground?kind=image")
    generate = console.button("generate image")
    expect(generate).to_be_disabled()
    prompt = page.get_by_role("textbox", name=console.word("description of a picture"))
    expect(prompt).to_have_attribute("maxlength", "1000")
    prompt.fill("a harbour at dawn")
    styles = page.get_by_role("group", name=console.word("style")).get_by_role("button")
    expect(styles).to_have_count(7)
    expect(styles.first).to_have_attribute("aria-pressed", "true")
    styles.nth(3).click()
    ratios = page.get_by_role("group", name=console.word("aspect ratio"))
    for ratio in ("9:16", "3:4", "1:1", "4:3", "16:9"):
        expect(ratios.get_by_role("button", name=ratio)).to_be_visible()
    ratios.get_by_role("button", name="16:9").click()
    sent = request_of_next_answer(console)
    generate.click()
    drawn = page.get_by_role("article").get_by_role("img")
    expect(drawn).to_be_visible(timeout=WORK_MS)
    request = sent[0]["request"]
    assert isinstance(request, dict)
    assert (request["prompt"], request["style"], request["size"]) == (
        "a harbour at dawn", "cartoon", "640x360",
    )  # fmt: skip
    page.wait_for_function("document.querySelector('article img').naturalWidth === 640")

    with page.expect_download() as download:
        page.get_by_role("link", name=console.word("download picture")).click()
    path = tmp_path / "picture.png"
    download.value.save_as(path)
    with Image.open(path) as picture:
        assert picture.size == (640, 360)
    page.locator("article .ant-image").click()
    expect(page.locator(".ant-image-preview img")).to_be_visible()
    page.keyboard.press("Escape")

    # The history has it, with its picture.
    page.wait_for_url(re.compile("chat=pg-"))
    console.reload()
    page.wait_for_function("document.querySelector('article img')?.naturalWidth === 640")


@pytest.mark.covers("PLY-13")
def test_a_picture_is_asked_about(signed_in: Console, tmp_path: Path) -> None:
    """Chosen as a file and dropped from outside; what is no picture is refused."""
    console, page = signed_in, signed_in.page
    Image.new("RGB", (48, 32), (0, 128, 255)).save(tmp_path / "sea.png")
    Image.new("RGB", (20, 10), (255, 0, 0)).save(tmp_path / "red.jpg")
    (tmp_path / "notes.txt").write_text("no picture")
    console.open("/playground?kind=vision")
    expect(console.button("send message")).to_be_disabled()
    chooser = page.locator("input[type=file]")
    chooser.set_input_files(tmp_path / "notes.txt")
    expect(page.get_by_text("JPG")).to_be_visible()
    chooser.set_input_files(tmp_path / "sea.png")
    expect(
        page.get_by_role("list", name=console.word("pictures")).get_by_role("img")
    ).to_have_count(1)
    say(console, "what is this?")
    expect(answered(console, 0)).to_contain_text("48x32 rgb(0,128,255)")

    drop(console, tmp_path / "red.jpg")
    expect(
        page.get_by_role("list", name=console.word("pictures")).get_by_role("img")
    ).to_have_count(1)
    say(console, "and this?")
    expect(answered(console, 1)).to_contain_text("20x10")

    page.wait_for_url(re.compile("chat=pg-"))
    console.reload()
    page.wait_for_function(
        "[...document.querySelectorAll('[role=log] img')].filter(i => i.naturalWidth > 0).length === 2"
    )
    # The pictures of the history go along with a further question.
    sent = request_of_next_answer(console)
    say(console, "once more?")
    answered(console, 2)
    first = sent[0]["request"]["messages"][0]["content"][1]  # type: ignore[index]
    assert first["image_url"]["url"].startswith("data:image/png;base64,")


def drop(console: Console, path: Path) -> None:
    """What a browser does when a file is let go over the message box."""
    page = console.page
    transfer = page.evaluate_handle(
        """([name, bytes]) => {
          const data = new DataTransfer()
          data.items.add(new File([new Uint8Array(bytes)], name, { type: 'image/jpeg' }))
          return data
        }""",
        [path.name, list(path.read_bytes())],
    )
    box = page.get_by_role("textbox", name=console.word("message"))
    box.dispatch_event("dragover", {"dataTransfer": transfer})
    box.dispatch_event("drop", {"dataTransfer": transfer})


def test_prompts_good_answers_and_the_switch(signed_in: Console, services: Services) -> None:
    """A prompt is saved, shared and used again; a good answer becomes a dataset; nothing is kept
    when the user says so."""
    console, page = signed_in, signed_in.page
    name = f"brief-{console.language}"
    console.open(f"/playground?service={services.talker}")
    page.get_by_role("textbox", name=console.word("persona")).fill("briefly")
    say(console, f"good {console.language} day")
    expect(answered(console, 0)).to_contain_text(f"day {console.language} good briefly")
    console.press("good answer")

    console.press("prompts")
    drawer = console.dialog()
    console.press("save prompt", drawer)
    dialog = page.locator(".ant-modal")
    dialog.get_by_role("textbox", name=console.word("name")).fill(name)
    dialog.get_by_role("checkbox").check()
    console.press("save", dialog)
    entry = drawer.get_by_role("listitem").filter(has_text=name)
    expect(entry).to_contain_text(console.word("shared"))
    close_drawer(console)
    console.press("new conversation")
    expect(page.get_by_role("textbox", name=console.word("persona"))).to_have_value("")
    console.press("prompts")
    console.press("use prompt", entry)
    expect(page.get_by_role("textbox", name=console.word("persona"))).to_have_value("briefly")
    expect(thread(console)).to_contain_text(f"day {console.language} good briefly")
    assert "preset=pgp-" in page.url

    console.press("view history")
    console.dialog().get_by_role("tab", name=console.word("good answers")).click()
    console.press("export to dataset", console.dialog().first)
    dialog = page.locator(".ant-modal")
    dialog.get_by_role("textbox", name=console.word("name")).fill(f"good-{console.language}")
    dialog.get_by_role("button").last.click()
    page.get_by_role("link", name=console.word("open dataset")).click()
    console.see_title(f"good-{console.language}")
    console.see_state("available")
    console.see(f"day {console.language} good briefly")

    console.open(f"/playground?service={services.talker}")
    console.press("view history")
    switch = page.get_by_role("switch", name=console.word("keep history"))
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
    close_drawer(console)
    say(console, "unkept words")
    answered(console, 0)
    assert "chat=" not in page.url
    console.press("view history")
    console.dialog().get_by_role("searchbox").fill("unkept")
    expect(console.dialog().get_by_role("listitem")).to_have_count(0)
    switch.click()
    expect(switch).to_be_checked()


def test_a_model_and_a_service_are_tried_from_their_pages(
    signed_in: Console, services: Services
) -> None:
    """The workbench opens with that service chosen, and for what the service is for."""
    console, page = signed_in, signed_in.page
    console.open(f"/models/versions/{services.version}")
    console.press("try it")
    chosen = page.locator(".playground-service")
    expect(chosen).to_have_text("talker")
    console.open(f"/playground?service={services.painter}")
    expect(chosen).to_have_text("painter")
    expect(
        page.get_by_role("textbox", name=console.word("description of a picture"))
    ).to_be_visible()
    console.open(f"/services/{services.eye}")
    console.press("chat", console.head())
    expect(chosen).to_have_text("eye")
    expect(page).to_have_url(re.compile("kind=vision"))
