"""Names and places: nothing that a caller or a workload names may leave its bucket."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.assets.keys import Address, checked_bucket_name, checked_key
from slipway.assets.ranges import NotSatisfiableError, parse_range
from slipway.assets.storage import Storage
from slipway.base.errors import Invalid, NotFound, SlipwayError


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    made = Storage(tmp_path / "storage")
    made.make_bucket("pond")
    made.make_bucket("lake")
    return made


@pytest.mark.parametrize(
    "key",
    ["../lake/x", "a/../../x", "/etc/passwd", "a//b", "./a", "a/./b", "..", "a\0b", "a\nb",
     "x" * 256, "é" * 128, "d/" * 400 + "toolong" * 50, "\ud800"],
)  # fmt: skip
def test_a_bad_path_is_refused_with_a_sentence(storage: Storage, key: str) -> None:
    with pytest.raises(Invalid, match="is not possible") as refused:
        storage.path_of("pond", key)
    assert refused.value.code == "bad_path"


_parts = st.sampled_from(
    ["..", ".", "", "a", "ab", "~", "%2e%2e", "..\\..", "...", " ", "\0", "b c"]
)


@given(st.lists(_parts | st.text(max_size=5), max_size=6).map("/".join))
@settings(max_examples=300, deadline=None)
def test_no_path_leaves_its_bucket(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    root = tmp_path_factory.getbasetemp() / "paths"
    storage = Storage(root)
    storage.make_bucket("pond")
    try:
        path = storage.path_of("pond", key)
    except Invalid:
        return
    assert path == storage.bucket_root("pond") or path.is_relative_to(storage.bucket_root("pond"))
    storage.close()


def test_a_link_out_of_the_bucket_is_not_followed(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("no")
    pond = storage.bucket_root("pond")
    (pond / "out").symlink_to(tmp_path)
    (pond / "neighbour").symlink_to(storage.bucket_root("lake"))
    (pond / "file").symlink_to(tmp_path / "secret")
    for key in ("out/secret", "neighbour/x", "file", "out"):
        with pytest.raises(Invalid, match="leads outside"):
            storage.path_of("pond", key)
    with pytest.raises(Invalid, match="leads outside"):
        storage.open_file("pond", "file")


def test_a_link_inside_the_bucket_is_followed(storage: Storage) -> None:
    (storage.bucket_root("pond") / "real").write_text("fish")
    (storage.bucket_root("pond") / "alias").symlink_to("real")
    with storage.open_file("pond", "alias").file as file:
        assert file.read() == b"fish"


def test_what_was_opened_counts_not_what_was_checked(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workload swaps a file for a link between the check and the opening."""
    (tmp_path / "secret").write_text("no")
    (storage.bucket_root("pond") / "swapped").symlink_to(tmp_path / "secret")
    monkeypatch.setattr(storage, "path_of", lambda bucket, key: storage.bucket_root(bucket) / key)
    with pytest.raises(Invalid, match="leads outside"):
        storage.open_file("pond", "swapped")


def test_a_named_pipe_does_not_hold_a_reader(storage: Storage) -> None:
    os.mkfifo(storage.bucket_root("pond") / "pipe")
    with pytest.raises(NotFound):
        storage.open_file("pond", "pipe")


@pytest.mark.parametrize(
    "name", ["ab", "Upper", "a_b", "-ab", "ab-", "a..b", "x" * 64, "", "prj-1"]
)
def test_a_bad_bucket_name_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        checked_bucket_name(name)


@pytest.mark.parametrize("name", ["abc", "a.b-c", "0" * 63])
def test_a_good_bucket_name_is_kept(name: str) -> None:
    assert checked_bucket_name(name) == name


def test_an_address_is_a_bucket_and_a_path() -> None:
    assert Address.parse("pond/a/b/") == Address("pond", "a/b")
    assert Address.parse("pond") == Address("pond", "") == Address.parse("pond/")
    assert str(Address.parse("pond/中文/x.csv")) == "pond/中文/x.csv"
    for bad in ("", "/pond/a", "pond/../x", "Pond/x", "s3://pond/x"):
        with pytest.raises(Invalid):
            Address.parse(bad)


@given(st.text(max_size=40))
def test_a_key_is_taken_apart_or_refused(key: str) -> None:
    try:
        segments = checked_key(key)
    except SlipwayError:
        return
    assert "/".join(segments) == key.removesuffix("/")


@pytest.mark.parametrize(
    ("header", "expected"),
    [("bytes=0-0", (0, 1)), ("bytes=5-", (5, 10)), ("bytes=-3", (7, 10)), ("bytes=-30", (0, 10)),
     ("bytes=2-900", (2, 10)), (None, None), ("bytes=0-1,3-4", None), ("bytes=5-2", None),
     ("lines=1-2", None), ("bytes=-", None)],
)  # fmt: skip
def test_a_range_is_read(header: str | None, expected: tuple[int, int] | None) -> None:
    part = parse_range(header, 10)
    assert (None if part is None else (part.start, part.end)) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(header: str) -> None:
    with pytest.raises(NotSatisfiableError):
        parse_range(header, 10)
