"""Storage and datasets at the console: a walk through buckets, and a search that becomes a split."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.console import WORK_MS, Console
from tests.data.conftest import write_lines

pytestmark = pytest.mark.browser
WORDS = {
    "en": {
        "s3": "S3 access", "folder": "New folder", "share": "Share", "search": "Search",
        "facets": "Facets", "views": "Views", "split": "Split", "quality": "Quality",
        "analyse": "Analyse", "languages": "Languages", "version": "Version",
    },
    "zh": {
        "s3": "S3 访问", "folder": "新建文件夹", "share": "共享", "search": "搜索",
        "facets": "分布", "views": "视图", "split": "划分", "quality": "质量",
        "analyse": "开始分析", "languages": "语言分布", "version": "版本",
    },
}  # fmt: skip


def test_a_bucket_is_walked_through(console: Console, tmp_path: Path) -> None:
    page, w = console.page, WORDS[console.language]
    client = console.platform.client()
    bucket = client.storage.default_bucket()
    write_lines(tmp_path / "notes" / "a.jsonl", {"q": "one"})
    client.storage.upload(tmp_path / "notes", f"{bucket}/walk-{console.language}")
    console.sign_in()
    console.place("storage").click()
    page.get_by_role("link", name=bucket).click()
    page.get_by_role("link", name=f"walk-{console.language}").or_(
        page.get_by_role("button", name=f"walk-{console.language}")
    ).first.click()
    expect(page.get_by_role("table")).to_contain_text("a.jsonl")
    page.get_by_role("button", name=w["s3"]).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(console.platform.s3_url)
    expect(dialog).to_contain_text(f"s3://{bucket}/folder")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=w["folder"]).click()
    page.get_by_role("dialog").get_by_role("textbox").fill("below")
    page.keyboard.press("Enter")
    expect(page.get_by_role("table")).to_contain_text("below")
    page.get_by_text("a.jsonl", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("one")


def test_a_search_becomes_a_split(console: Console, tmp_path: Path) -> None:
    page, w = console.page, WORDS[console.language]
    client = console.platform.client()
    rows = [
        {"lang": "zh" if n % 4 == 0 else "en", "answer": f"this is the answer to question {n}"}
        for n in range(40)
    ]
    write_lines(tmp_path / "rows" / "a.jsonl", *rows)
    place = f"{client.storage.default_bucket()}/rows-{console.language}"
    client.storage.upload(tmp_path / "rows", place)
    made = client.datasets.create(f"rows-{console.language}", "llm", place)
    client.datasets.wait(made.id)
    console.sign_in()
    expect(page.get_by_role("navigation")).to_be_visible()
    console.open(f"/datasets/{made.id}")
    box = page.get_by_role("searchbox", name=w["search"]).or_(
        page.get_by_placeholder("len(answer)")
    )
    box.first.fill("lang = zh")
    box.first.press("Enter")
    expect(page.get_by_text(re.compile(r"1–10 .*10"))).to_be_visible(timeout=WORK_MS)
    page.get_by_role("button", name=w["facets"]).click()
    expect(page.get_by_role("dialog").get_by_role("list")).to_contain_text("zh10")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name=w["views"], exact=True).click()
    page.get_by_role("button", name=w["split"], exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=w["split"], exact=True).click()
    table = page.get_by_role("table", name=w["views"])
    expect(table.get_by_role("row").filter(has_text="v1/train")).to_contain_text(
        "32", timeout=WORK_MS
    )
    page.get_by_role("tab", name=w["quality"], exact=True).click()
    page.get_by_role("button", name=w["analyse"], exact=True).click()
    expect(page.get_by_role("table", name=w["languages"])).to_contain_text("en", timeout=WORK_MS)
