"""What the code knows best, the documentation says as the code does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from slipway.api.openapi import describe
from slipway.base.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
_NAME = re.compile(r"`(?:[\w.]+\.)?(\w+)(?:\(\.\.\.\))?`")
_NOT_IN_THE_CODE = {"set_note"}  # the example of "Add an endpoint"
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = load(DOCS / "generate.py")


@pytest.mark.parametrize("page", list(generate.pages()), ids=lambda page: page.name)
def test_the_generated_parts_of_a_page_are_current(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert generate.render(text) == text, "run 'python docs/generate.py'"


def test_every_generated_part_is_on_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in generate.pages())
    assert {name for name in generate.BLOCKS if f"generated: {name} " in text} == set(
        generate.BLOCKS
    )


def test_every_setting_is_documented_with_its_meaning() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(SLIPWAY_\w+)` \|[^|]*\| (.*) \|$", text, re.MULTILINE))
    for name, field in Settings.model_fields.items():
        assert field.description, f"the setting {name} has no description"
        assert rows.get(f"SLIPWAY_{name.upper()}") == field.description


def test_the_checked_in_description_of_the_api_is_current() -> None:
    assert (ROOT / "openapi.json").read_text(encoding="utf-8") == describe(), "run 'make openapi'"


@pytest.mark.parametrize("page", ["README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_a_page_outside_docs_links_to_what_is_there(page: str) -> None:
    """Inside docs/ `mkdocs build --strict` looks after the links."""
    targets = _LINK.findall((ROOT / page).read_text(encoding="utf-8"))
    missing = [t for t in targets if "://" not in t and not (ROOT / t).exists()]
    assert not missing


@pytest.mark.parametrize(
    "page",
    [
        *(DOCS / "rooms").glob("*.md"),
        *(DOCS / "decisions").glob("*.md"),
        *(DOCS / "extend").glob("*.md"),
    ],
    ids=lambda page: page.stem,
)
def test_what_a_page_calls_by_name_is_in_the_code(page: Path, source: str) -> None:
    """A function that was renamed or removed must not live on in the documentation."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    names = {name for name in _NAME.findall(text) if "_" in name or name != name.lower()}
    missing = {name for name in names if not re.search(rf"\b{name}\b", source)}
    assert missing <= _NOT_IN_THE_CODE


@pytest.fixture(scope="module")
def source() -> str:
    folders = (ROOT / "src", ROOT / "tests" / "compute", ROOT / "chaos")
    files = [file for folder in folders for file in folder.rglob("*.py")]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
