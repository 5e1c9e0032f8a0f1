"""The demo's data, built from what every machine has: scikit-learn's digits and Python's own docs.

Everything here is deterministic for a given Python and scikit-learn version.
"""

import importlib
import inspect
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Facts come from modules that do not differ between operating systems.
MODULES = (
    "bisect", "heapq", "textwrap", "shutil", "os.path", "random", "statistics", "json", "re",
    "glob", "fnmatch", "copy", "pprint", "tempfile", "base64", "html", "calendar", "secrets",
    "contextlib", "difflib", "zipfile", "gzip", "tokenize", "linecache", "threading", "shlex",
    "traceback", "warnings", "math", "operator", "subprocess", "logging", "inspect", "ast",
)  # fmt: skip
WORDS = range(4, 21)  # how long an answer may be
FACTS = 240

QUESTIONS = (
    "What does `{name}` do?",
    "Explain `{name}`.",
    "What is `{name}` for?",
    "Tell me what `{name}` does.",
    "How would you describe `{name}`?",
    "Describe the function `{name}` in one sentence.",
)
ASKED_IN_TRAINING = 4  # the other phrasings of a fact are kept for the held-out questions
LATER_EVERY = 4  # every fourth fact is left to the second fine-tuning


@dataclass(frozen=True, slots=True)
class Fact:
    """A function of the standard library and the first paragraph of its documentation."""

    name: str
    meaning: str


def write_instructions(directory: Path) -> dict[str, int]:
    """Write the four JSONL files of the language path; returns how many lines each has.

    `pretrain.jsonl` plain text; `first.jsonl` and `later.jsonl` conversations for the two
    fine-tunings; `heldout.jsonl` other phrasings of the facts of both.
    """
    facts = list(standard_library_facts())
    first = [fact for i, fact in enumerate(facts) if i % LATER_EVERY]
    later = [fact for i, fact in enumerate(facts) if not i % LATER_EVERY]
    files: dict[str, Iterable[dict[str, Any]]] = {
        "pretrain.jsonl": plain_texts(facts),
        "first.jsonl": conversations(first, facts),
        # Repeating what is known keeps it from being forgotten.
        "later.jsonl": [*conversations(later, facts), *conversations(first, facts, phrasings=1)],
        "heldout.jsonl": held_out(facts),
    }
    directory.mkdir(parents=True, exist_ok=True)
    return {name: _write_lines(directory / name, lines) for name, lines in files.items()}


def standard_library_facts(limit: int = FACTS) -> Iterator[Fact]:
    """The first `limit` facts, taken from the modules in turn so that each is represented."""
    queues = [list(_facts_of(module)) for module in MODULES]
    seen: set[str] = set()
    while any(queues) and limit:
        for queue in queues:
            if queue and limit and (fact := queue.pop(0)).meaning not in seen:
                seen.add(fact.meaning)
                limit -= 1
                yield fact


def plain_texts(facts: Sequence[Fact]) -> Iterator[dict[str, str]]:
    for fact in facts:
        module, _, function = fact.name.rpartition(".")
        yield {"text": f"`{fact.name}`: {fact.meaning}"}
        yield {"text": f"The module `{module}` has `{fact.name}`. {fact.meaning}"}
        yield {"text": f"{fact.meaning} This is `{fact.name}`, or `{function}` for short."}


def conversations(
    facts: Sequence[Fact], everything: Sequence[Fact], phrasings: int = ASKED_IN_TRAINING
) -> Iterator[dict[str, Any]]:
    for fact in facts:
        for question in _phrasings(everything.index(fact))[:phrasings]:
            yield _conversation(question, fact)


def held_out(facts: Sequence[Fact]) -> Iterator[dict[str, Any]]:
    """One question a fact, in a phrasing in which this fact was never trained."""
    for index, fact in enumerate(facts):
        yield _conversation(_phrasings(index)[ASKED_IN_TRAINING], fact)


def _phrasings(index: int) -> list[str]:
    """All phrasings, in an order of the fact's own."""
    return random.Random(index).sample(QUESTIONS, k=len(QUESTIONS))


def _conversation(question: str, fact: Fact) -> dict[str, Any]:
    turn = {"prompt": question.format(name=fact.name), "response": fact.meaning}
    return {"conversation": [turn]}


def _facts_of(module_name: str) -> Iterator[Fact]:
    module = importlib.import_module(module_name)
    for name, member in sorted(vars(module).items()):
        if name.startswith("_") or not inspect.isroutine(member):
            continue
        paragraph = (inspect.getdoc(member) or "").strip().split("\n\n")[0]
        meaning = " ".join(paragraph.split())
        is_signature = "->" in meaning or "<==>" in meaning or meaning.startswith(f"{name}(")
        if len(meaning.split()) in WORDS and not is_signature:
            yield Fact(f"{module_name}.{name}", meaning)


def _write_lines(path: Path, lines: Iterable[dict[str, Any]]) -> int:
    texts = [json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return len(texts)


# --- digits --------------------------------------------------------------------------------------

HELD_OUT_EVERY = 5


def write_digits(directory: Path) -> dict[str, int]:
    """`train/<digit>/<number>.png` and `heldout/<digit>/<number>.png`, 8 x 8 grey images.

    Every fifth image of a class is held out. Returns the number of images of each part.
    """
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    counts = {"train": 0, "heldout": 0}
    of_class: dict[int, int] = {}
    for number, (pixels, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        position = of_class[int(label)] = of_class.get(int(label), -1) + 1
        part = "train" if (position + 1) % HELD_OUT_EVERY else "heldout"
        folder = directory / part / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        # The bundled values are 0..16.
        image = Image.fromarray((pixels * 15.9375).astype("uint8"))
        image.save(folder / f"{number:04d}.png")
        counts[part] += 1
    return counts
