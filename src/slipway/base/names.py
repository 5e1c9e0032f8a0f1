"""Name, description and tag rules shared by every room (TRN-02, TRN-10, TRN-11, DAT-05, MOD-14)."""

from __future__ import annotations

import re

from slipway.base.errors import Invalid

NAME_RULE = (
    "A name has 1 to 60 characters: Chinese characters, English letters, digits, '_' and '-'; "
    "it starts with a Chinese character, a letter or a digit."
)
_NAME = re.compile(
    r"[A-Za-z0-9\u3400-\u4dbf\u4e00-\u9fff][A-Za-z0-9_\-\u3400-\u4dbf\u4e00-\u9fff]*"
)
_TAG_KEY_LIMIT, _TAG_VALUE_LIMIT, _TAG_LIMIT = 63, 255, 50


def checked_name(name: str, *, field: str = "name", limit: int = 60) -> str:
    if not 1 <= len(name) <= limit or not _NAME.fullmatch(name):
        raise Invalid(NAME_RULE.replace("60", str(limit)), field=field, code="bad_name")
    return name


def checked_description(text: str, *, field: str = "description", limit: int = 500) -> str:
    if len(text) > limit:
        raise Invalid(
            f"A description has at most {limit} characters; this one has {len(text)}.", field=field
        )
    return text


def checked_tags(tags: dict[str, str]) -> dict[str, str]:
    if len(tags) > _TAG_LIMIT:
        raise Invalid(f"At most {_TAG_LIMIT} tags are possible; got {len(tags)}.", field="tags")
    for key, value in tags.items():
        if not key.strip() or len(key) > _TAG_KEY_LIMIT or set(key) & set(":;|"):
            raise Invalid(
                f"The tag key {key!r} must have 1 to {_TAG_KEY_LIMIT} characters, without ':', ';' or '|'.",
                field="tags",
            )
        if len(value) > _TAG_VALUE_LIMIT or set(value) & set(";|"):
            raise Invalid(
                f"The value of tag {key!r} must have at most {_TAG_VALUE_LIMIT} characters, without ';' or '|'.",
                field="tags",
            )
    return dict(tags)


def tag_text(tags: dict[str, str]) -> str:
    """Tags as events write them: `team:vision;stage:test;`."""
    return "".join(f"{key}:{value};" for key, value in tags.items())
