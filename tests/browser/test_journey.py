"""The whole journey in the console: data, training, model, service, call, chat. In both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from slipway.sdk.client import Client
from slipway.sdk.local import LocalPlatform
from slipway.sdk.types import ServiceView
from tests.browser import inputs
from tests.browser.console import WORK_MS, Console

pytestmark = pytest.mark.browser

KEY = re.compile(r"^sk-\w{20,}")


@pytest.fixture(scope="module")
def client(platform: LocalPlatform) -> Client:
    return platform.client()


@pytest.fixture(scope="module")
def bucket(client: Client) -> str:
    return client.storage.default_bucket()


@pytest.fixture(scope="module")
def chat_service(
    client: Client, bucket: str, tmp_path_factory: pytest.TempPathFactory
) -> ServiceView:
    """A tiny language model, on its way up while the journey begins."""
    folder = inputs.write_chat_model(tmp_path_factory.mktemp("chat") / "model")
    client.storage.upload(folder, f"{bucket}/models/tiny/")
    model = {"kind": "storage", "ref": f"{bucket}/models/tiny/"}
    return client.services.create("tiny-chat", "llm", model=model, auth=True)


@pytest.mark.covers("DAT-19", "TRN-49", "MOD-03", "SRV-33", "SRV-34", "GWY-15")
def test_from_data_to_an_answering_service(
    console: Console, chat_service: ServiceView, bucket: str, tmp_path: Path
) -> None:
    signing_in(console)
    language_and_theme(console)
    conversations(
        console, bucket, inputs.write_conversations(tmp_path / f"talk-{console.language}.jsonl")
    )
    pictures(console, inputs.write_pictures(tmp_path / "shapes"))
    training(console)
    task_tabs(console)
    publishing(console)
    deploying(console)
    keys(console)
    calling(console)
    monitoring(console)
    stopping(console)
    chatting(console, chat_service)
    evaluating(console)
    comparing(console)


def signing_in(console: Console) -> None:
    console.sign_in(password="not this one")
    expect(console.page.get_by_role("alert")).to_be_visible()
    console.sign_in()
    expect(console.page.get_by_role("navigation")).to_be_visible()


def language_and_theme(console: Console) -> None:
    """To the other language and back; dark and back. Both at once, without a reload."""
    page = console.page
    console.press("switch language")
    before, console.language = console.language, {"en": "zh", "zh": "en"}[console.language]
    expect(console.place("datasets")).to_be_visible()
    console.press("switch language")
    console.language = before
    expect(console.place("datasets")).to_be_visible()
    for theme in ("light", "dark"):
        console.press("appearance")
        page.get_by_role("menuitem", name=console.word(theme), exact=True).click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)


def conversations(console: Console, bucket: str, file: Path) -> None:
    """A file by way of the storage page, then a dataset from where it lies."""
    page = console.page
    console.place("storage").click()
    page.get_by_role("link", name=bucket, exact=True).click()
    console.press("upload")
    console.choose_files("choose files", file, console.dialog())
    expect(console.dialog().get_by_text(console.word("upload done"), exact=True)).to_be_visible()
    console.dialog().get_by_role("button", name=console.word("close")).last.click()
    expect(page.get_by_role("button", name=file.name, exact=True)).to_be_visible()

    begin_dataset(console, "text records")
    console.choose("in storage")
    console.fill("storage address", f"{bucket}/{file.name}")
    expect(page.get_by_role("listitem").filter(has_text=file.name)).to_be_visible()
    console.press("next")
    console.press("next")
    finish_dataset(console, f"talk-{console.language}")
    console.see("What is the capital of France?")
    console.see("法国的首都是哪里？")
    console.tab("statistics")
    console.see_chart()
    expect(page.get_by_role("heading", name=console.word("fields"))).to_be_visible()


def pictures(console: Console, folder: Path) -> None:
    """A folder of class folders, uploaded in the form."""
    page = console.page
    begin_dataset(console, "image classification")
    console.choose_files("choose folder", folder)
    expect(page.get_by_text(console.word("upload done"), exact=True)).to_have_count(6)
    console.press("next")
    console.choose("class folders")
    console.press("next")
    page.get_by_role("combobox", name=console.word("labels")).fill("colours")
    page.keyboard.press("Enter")
    console.press("add row")
    page.get_by_role("textbox", name=f"{console.word('key')} 1").fill("team")
    page.get_by_role("textbox", name=f"{console.word('value')} 1").fill("vision")
    finish_dataset(console, f"shapes-{console.language}")
    cards = page.get_by_role("listitem").get_by_role("button").filter(has=page.locator("img"))
    expect(cards).to_have_count(6)
    page.wait_for_function(
        "[...document.querySelectorAll('li img')].every(i => i.naturalWidth > 0)"
    )
    cards.first.click()
    expect(console.dialog().locator("img").first).to_be_visible()
    page.keyboard.press("Escape")
    console.tab("statistics")
    console.see_chart(console.word("label distribution"))
    expect(page.get_by_role("cell", name="50.00%")).to_have_count(2)
    dataset_list(console)


def dataset_list(console: Console) -> None:
    """One row a dataset, the newest first or last as one likes."""
    page = console.page
    console.place("datasets").click()
    row = page.get_by_role("row").filter(has_text=f"shapes-{console.language}")
    seen = (console.word("image classification"), console.word("available"), "6", "100%")
    for words in (*seen, "colours", "team", "vision"):
        expect(row).to_contain_text(words)
    names = page.get_by_role("row").get_by_role("link").filter(has_text=f"-{console.language}")
    newest_first = [f"shapes-{console.language}", f"talk-{console.language}"]
    expect(names.filter(visible=True)).to_have_text(newest_first)
    page.get_by_role("columnheader", name=console.word("created")).click()
    expect(names.filter(visible=True)).to_have_text(newest_first[::-1])
    row.get_by_role("link", name=f"shapes-{console.language}").click()
    console.see_title(f"shapes-{console.language}")


def begin_dataset(console: Console, kind: str) -> None:
    console.place("datasets").click()
    console.press("new dataset")
    console.choose(kind)
    console.press("next")


def finish_dataset(console: Console, name: str) -> None:
    console.fill("name", name)
    console.press("create dataset")
    console.see_title(name)
    console.see_state("available")


def training(console: Console) -> None:
    """The guided form with own code; the task then runs to its end before one's eyes."""
    name = f"adder-{console.language}"
    console.place("training tasks").click()
    console.press("new task")
    console.fill("name", name)
    console.press("next")
    console.fill("start command", inputs.training_command())
    console.press("submit")
    console.see_title(name)
    console.see_state("completed")


def task_tabs(console: Console) -> None:
    """Each side of the task has its address, and stands there after a reload."""
    page = console.page
    console.tab("log")
    log = page.get_by_role("log", name=console.word("log lines"))
    expect(log).to_contain_text("step 5 of 5, loss 0.200")
    console.fill("search log", "the adder")
    expect(page.locator("mark").first).to_have_text("the adder")
    console.tab("metrics")
    console.see_chart("loss")
    console.tab("instances")
    instance = page.get_by_role("row").filter(has=page.get_by_text("master-0", exact=True))
    expect(instance).to_contain_text(console.word("succeeded"))
    console.tab("events")
    expect(page.get_by_role("listitem").filter(has_text="task")).not_to_have_count(0)
    console.see(console.word("completed"))
    console.tab("checkpoints")
    console.reload()
    expect(page.get_by_role("heading", name="checkpoint-5")).to_be_visible()
    assert console.path().endswith("/checkpoints")


def publishing(console: Console) -> None:
    page, name = console.page, f"adder-{console.language}"
    console.press("publish", console.head())
    expect(console.field("name of the model", console.dialog())).to_have_value(name)
    console.press("publish it", console.dialog())
    expect(console.dialog()).to_be_hidden()
    console.see_title(name)
    page.get_by_role("link", name="v1", exact=True).click()
    console.see_title(f"{name} v1")
    console.see_state("succeeded")
    console.see("0.2")
    model_list(console)


def model_list(console: Console) -> None:
    """A model's row unfolds into its versions."""
    page, name = console.page, f"adder-{console.language}"
    console.place("models").click()
    page.get_by_role("searchbox").fill(name)
    page.keyboard.press("Enter")
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("m-")
    row.get_by_role("button").first.click()
    version = page.get_by_role("table").last.get_by_role("row").filter(has_text="mv-")
    expect(version).to_contain_text(console.word("succeeded"))
    version.get_by_role("link", name="v1", exact=True).click()
    console.see_title(f"{name} v1")


def deploying(console: Console) -> None:
    page, name = console.page, f"adder-{console.language}"
    console.press("deploy")
    expect(console.field("name")).to_have_value(name)
    console.choose("model package")
    console.press("next")
    console.press("next")
    expect(page.get_by_role("switch", name=console.word("calls need a key"))).to_be_checked()
    console.press("next")
    console.press("create service")
    expect(console.dialog().locator("code")).to_have_text(KEY)
    console.press("done", console.dialog())
    console.see_title(name)
    console.see_state("running")


def keys(console: Console) -> None:
    """A further key is made; its value is shown, hidden, and shown again when asked for."""
    console.tab("keys")
    console.press("new key")
    console.fill("name", "partner", console.dialog())
    console.press("create", console.dialog())
    secret = console.dialog().locator("code")
    expect(secret).to_have_text(KEY)
    value = secret.inner_text()
    console.press("done", console.dialog())
    row = console.page.get_by_role("row").filter(has_text="partner")
    expect(row).not_to_contain_text(value)
    row.get_by_role("button", name=f"{console.word('show')}: partner").click()
    expect(row).to_contain_text(value)


def calling(console: Console) -> None:
    """Where and how to call: addresses, the ceiling, a curl to copy, and a test right here."""
    page = console.page
    console.tab("call")
    sample = page.locator("figure code").first
    expect(sample).to_contain_text("curl")
    expect(sample).to_contain_text("Authorization: Bearer $SLIPWAY_KEY")
    expect(page.locator("dl").first).to_contain_text(console.platform.gateway_url)
    expect(page.locator("dl").first).to_contain_text("500")
    interface = page.get_by_role("row").filter(has_text="POST").first
    interface.get_by_role("button", name=console.word("test this"), exact=True).click()
    online_test(console)


def online_test(console: Console) -> None:
    """Once with the console's key and once with one's own; what is no JSON is not sent."""
    page = console.page
    answer = page.get_by_role("status").filter(has_text="200")
    console.fill("request body", '{"a": 20, "b": 22}')
    console.press("send")
    expect(answer).to_contain_text('"result": 42')
    answer.get_by_text(console.word("headers")).click()
    expect(answer).to_contain_text("content-type: application/json")
    console.select("with key", "partner")
    console.fill("request body", '{"a": 1.5, "b": 2}')
    console.press("send")
    expect(answer).to_contain_text('"result": 3.5')
    console.fill("request body", "{not json")
    expect(console.button("send")).to_have_attribute("aria-disabled", "true")
    console.fill("request body", f'{{"a": "{"a" * 620_000}"}}')
    console.field("request body").hover()
    console.button("send").hover()
    expect(page.get_by_role("tooltip")).to_contain_text("600 KiB")
    console.fill("request body", "")


def monitoring(console: Console) -> None:
    """The two calls are counted, and who made them."""
    console.tab("monitoring")
    figures = console.page.locator("dl").filter(has_text=console.word("calls")).first
    expect(figures.locator("dd").first).to_have_text("2", timeout=WORK_MS)
    console.see_chart(console.word("calls"))
    row = console.page.get_by_role("row").filter(has_text="partner")
    expect(row.get_by_role("cell").nth(1)).to_have_text("1")


def stopping(console: Console) -> None:
    """What runs cannot be deleted, and says so; stopped, it can."""
    page, name = console.page, f"adder-{console.language}"
    delete = console.button("delete", console.head())
    expect(delete).to_have_attribute("aria-disabled", "true")
    delete.hover()
    expect(page.get_by_role("tooltip")).not_to_be_empty()
    console.press("stop", console.head())
    console.press("stop", console.dialog())
    console.see_state("stopped")
    delete.click()
    expect(console.button("delete", console.dialog())).to_be_disabled()
    console.dialog().get_by_role("textbox").fill(name)
    console.press("delete", console.dialog())
    expect(page.get_by_role("heading", level=1, name=name)).to_have_count(0)
    assert console.path() == "services"


def chatting(console: Console, service: ServiceView) -> None:
    page = console.page
    console.open(f"/playground?service={service.id}")
    expect(page.get_by_role("textbox", name=console.word("message"))).to_be_enabled(timeout=WORK_MS)
    console.fill("message", "hello world")
    page.keyboard.press("Enter")
    answer = page.get_by_role("log").get_by_role("article")
    expect(answer.locator("footer")).to_contain_text(console.word("tokens"), timeout=WORK_MS)
    assert len(answer.inner_text().strip()) > len(answer.locator("footer").inner_text().strip())


def evaluating(console: Console) -> None:
    """The chat service answers the conversations; figures, and every answer, can be looked at."""
    page, name = console.page, f"quiz-{console.language}"
    console.place("evaluations").click()
    console.press("new evaluation")
    console.fill("name", name)
    console.select("online service", "tiny-chat")
    console.press("next")
    console.select("dataset", f"talk-{console.language}")
    console.press("next")
    console.press("start evaluation")
    console.see_title(name)
    console.see_state("completed")
    console.tab("results")
    row = page.get_by_role("row").filter(has_text=f"talk-{console.language}")
    expect(row.get_by_role("cell").nth(1)).to_have_text("4")
    expect(page.get_by_role("columnheader", name="ROUGE-L")).to_be_visible()
    console.tab("answers")
    console.see("What is the capital of France?")


def comparing(console: Console) -> None:
    console.press("compare", console.head())
    console.see_chart()
    expect(console.page.get_by_role("cell", name="tiny-chat").first).to_be_visible()
