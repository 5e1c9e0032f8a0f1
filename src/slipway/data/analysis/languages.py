"""Which language a text is in, by its script and its commonest words."""

from __future__ import annotations

import re

_LOOKED_AT = 600
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")), ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")), ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")), ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")), ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
)  # fmt: skip
_LATIN = re.compile(r"[a-z\u00c0-\u024f]+")
_COMMON = {
    "en": "the of and to in is that it for was on are with as be this have from at by not",
    "de": "der die und das ist nicht ein eine zu den mit sich auf für dem des auch von im",
    "fr": "le la les des et est une un que dans pour pas qui sur au du avec ce il sont",
    "es": "el la los las que y en un una por con para es del se no al como más su",
    "pt": "o os as que e em um uma por com para é do da não se na no mais dos",
    "it": "il lo la gli le che e di un una per con è non si del della sono da nel",
    "nl": "de het een en van is dat niet op te zijn met voor die aan er om ook",
    "vi": "và của là có không một được cho những này các trong với người",
    "id": "yang dan di itu dengan untuk tidak ini dari dalam akan pada adalah",
}
_WORDS = {name: frozenset(words.split()) for name, words in _COMMON.items()}


def language_of(text: str) -> str:
    """A two-letter code; "code or other" where it looks like none."""
    head = text[:_LOOKED_AT].lower()
    words = _LATIN.findall(head)
    latin = sum(map(len, words))
    for name, pattern in _SCRIPTS:
        found = len(pattern.findall(head))
        # A page of Japanese is mostly Han; an ideograph weighs more than a letter.
        if found and found * (8 if name == "ja" else 2) > latin:
            return name
    if not words:
        return "other"
    scores = {name: sum(word in known for word in words) for name, known in _WORDS.items()}
    best = max(scores, key=lambda name: scores[name])
    # One common word alone may be a name or an abbreviation: "en" is Spanish, too.
    return best if scores[best] > max(1, len(words) // 40) else "other"
