"""What may stand in a requirements file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.base.errors import Invalid
from slipway.environments.requirements import checked_index, checked_requirements


@pytest.mark.parametrize(
    "line",
    [
        "numpy",
        "numpy==2.1.0 ; python_version >= '3.11'",
        "Django[argon2] >=4,<6",
        "anchor==1.0 --hash=sha256:" + "a" * 64,
        "anchor==1.0 \\\n    --hash=sha256:" + "a" * 64 + " \\\n    --hash=sha256:" + "b" * 64,
        "code @ https://example.com/code-1.0-py3-none-any.whl",
        "code @ git+https://example.com/code.git@v1",
        "# a comment\n\nnumpy  # why",
        "--pre\nnumpy",
        "--only-binary=:all:\nnumpy",
    ],
)
def test_what_pip_reads_from_the_network_is_accepted(line: str) -> None:
    assert checked_requirements(line, field="requirements").strip() == line.strip()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("numpy\n-e .", "Line 2"),
        ("./wheel.whl", "paths of a machine"),
        ("~/wheel.whl", "paths of a machine"),
        ("--find-links /srv", "Use the field for the package index"),
        ("-i https://x", "Use the field for the package index"),
        ("-c /etc/passwd", "not possible here"),
        ("x @ file:///etc/passwd", "addresses start with"),
        ("x @ https://u:p@example.com/x.whl", "must not hold a user"),
        ("x @ git+https://token@example.com/x.git", "must not hold a user"),
        ("one two", "is not a requirement"),
        ("numpy \\\n -r /etc/passwd", "is not a requirement"),
        ("numpy\0", "NUL"),
    ],
)
def test_what_reaches_the_machine_or_shows_a_secret_is_refused(line: str, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked_requirements(line, field="requirements")
    assert said in refusal.value.message


@given(st.text(max_size=300))
def test_any_text_is_accepted_as_it_stands_or_refused_with_a_sentence(text: str) -> None:
    try:
        plain = checked_requirements(text, field="requirements")
    except Invalid as refusal:
        assert refusal.message
        return
    assert checked_requirements(plain, field="requirements") == plain


def test_line_ends_and_trailing_blanks_make_no_difference() -> None:
    assert checked_requirements("a \r\nb\r\n\r\n", field="f") == checked_requirements(
        "a\nb", field="f"
    )


def test_an_index_is_an_address_without_secrets() -> None:
    assert checked_index("https://pypi.org/simple") == "https://pypi.org/simple"
    for bad in ("pypi.org/simple", "file:///srv", "https://u:p@pypi.org"):
        with pytest.raises(Invalid):
            checked_index(bad)
