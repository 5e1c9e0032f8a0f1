"""Every sentence that the platform says to people has a Chinese form in the console.

`python tests/docs/test_sentences.py` prints what is missing as JSON, ready to be filled in, and
what is no longer said; `--write` puts the missing ones into the file with an empty form.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIST = ROOT / "console" / "src" / "base" / "sentences.zh.json"
ROOMS = (
    "alerts", "api", "assets", "base", "compat", "compute", "data", "delivery", "environments",
    "evaluation", "iam", "labelling", "loadtests", "models", "playground", "repositories", "serving", "tensorboard", "tracking",
    "training", "tuning", "usage",
)  # fmt: skip
# Of the runtime, what reaches people through a reason, a note or a refused form.
RUNTIME = (
    "profile.py",
    "gpu_share.py", "launch.py", "limits.py", "namespace.py", "outcome.py", "runner.py", "shell.py",
    "view.py", "environment/__main__.py", "environment/image.py", "environment/running.py",
    "environment/virtual.py", "git/remote.py", "recipes/hyperparameters.py", "serve/checkpoint.py",
    "serve/decoding.py", "serve/openai_engine.py", "serve/openai_requests.py",
    "serve/openai_server.py",
)  # fmt: skip
# What ends in a reason without being a sentence of its own.
FRAGMENTS = {"alerts/network.py", "alerts/pattern.py", "alerts/webhook.py",
             "environments/change.py", "environments/requirements.py", "repositories/probe.py",
             "runtime/environment/image.py", "runtime/environment/virtual.py",
             "runtime/git/remote.py", "tracking/points.py", "runtime/outcome.py", "runtime/launch.py", "runtime/runner.py", "runtime/view.py",
             "runtime/namespace.py", "compute/engines/process.py", "compute/scheduling/explain.py",
             "compute/scheduling/policy.py", "compute/nodes/checks.py", "serving/probe.py"}  # fmt: skip
NOT_FOR_PEOPLE = {"description", "help", "doc", "extra", "openapi_url"}
# It may end in a hole that another sentence fills.
SENTENCE = re.compile(r"^(\{\d+\}|[A-Z'\"]).* .*([.?]|: \{\d+\})$", re.DOTALL)
FRAGMENT = re.compile(
    r"^([Aa]n? [a-z]+( of .+)?$| and .+|[A-Z][a-z]+ing .*[^.]$"
    r"|(?!application/|import )[a-z{'].*[a-z}].* .+)",
    re.DOTALL,
)


def sources() -> Iterator[Path]:
    home = ROOT / "src" / "slipway"
    for room in ROOMS:
        found = sorted((home / room).rglob("*.py"))
        yield from (p for p in found if "migrations" not in p.parts and not _for_programs(p))
    yield from (home / "runtime" / name for name in RUNTIME)


def _for_programs(path: Path) -> bool:
    """The S3 endpoint answers programs, in its protocol's own English."""
    return path.parent.name == "s3" and path.name != "router.py"


def said() -> dict[str, str]:
    """Template -> the file that says it."""
    found: dict[str, str] = {}
    for path in sources():
        name = path.relative_to(ROOT / "src" / "slipway").as_posix()
        for text in _texts(ast.parse(path.read_text())):
            is_said = SENTENCE.match(text) or (name in FRAGMENTS and FRAGMENT.match(text))
            if is_said and _has_words(text):
                found.setdefault(text, name)
    return found


def _has_words(text: str) -> bool:
    letters = re.findall(r"[A-Za-z]", re.sub(r"\{\d+\}", "", text))
    return len(letters) >= 4 and "\r" not in text


class _Texts(ast.NodeVisitor):
    """Strings outside of docstrings, logs, descriptions and assertions."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        pass

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in ("log", "sql", "re"):
                return
        self.visit(node.func)
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            if keyword.arg not in NOT_FOR_PEOPLE:
                self.visit(keyword.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.found.append(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        holes, text = 0, ""
        for part in node.values:
            if isinstance(part, ast.Constant):
                text += str(part.value)
                continue
            text += f"{{{holes}}}"
            holes += 1
            assert isinstance(part, ast.FormattedValue)
            self.visit(part.value)  # a conditional inside may hold words
        self.found.append(text)


def _texts(tree: ast.AST) -> list[str]:
    visitor = _Texts()
    visitor.visit(tree)
    return visitor.found


def known() -> dict[str, str]:
    forms: dict[str, str] = json.loads(LIST.read_text())
    return forms


def missing() -> dict[str, str]:
    have = known()
    return {text: file for text, file in said().items() if not have.get(text)}


def test_every_sentence_has_a_chinese_form() -> None:
    lacking = missing()
    told = "\n".join(f"  {file}: {text}" for text, file in sorted(lacking.items()))
    assert not lacking, f"{len(lacking)} sentences have no form in {LIST.name}:\n{told}"


def test_the_list_is_sorted_and_its_holes_are_those_of_the_sentence() -> None:
    forms = known()
    assert list(forms) == sorted(forms), (
        "sort the file: python tests/docs/test_sentences.py --write"
    )
    for english, chinese in forms.items():
        holes = set(re.findall(r"\{\d+\}", english))
        assert set(re.findall(r"\{\d+\}", chinese)) <= holes, english


def test_nothing_is_translated_that_is_not_said_any_more() -> None:
    gone = set(known()) - set(said())
    assert not gone, f"take out of {LIST.name}: {sorted(gone)}"


def _write(forms: dict[str, str]) -> None:
    ordered = dict(sorted(forms.items()))
    LIST.write_text(json.dumps(ordered, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    lacking = missing()
    if "--write" in sys.argv:
        still = said()
        _write({k: v for k, v in known().items() if k in still} | dict.fromkeys(lacking, ""))
    print(json.dumps(dict.fromkeys(sorted(lacking), ""), ensure_ascii=False, indent=2))
    print(
        f"{len(lacking)} missing; not said any more: {sorted(set(known()) - set(said()))}",
        file=sys.stderr,
    )
