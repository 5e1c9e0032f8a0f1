"""Archives are not trusted."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from slipway.data import archives
from slipway.data.archives import unpack
from slipway.data.errors import ImportRefusedError
from slipway.data.progress import Ticker


def make_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def make_tar(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


Maker = Callable[[Path, dict[str, bytes]], Path]


@pytest.mark.parametrize(("make", "name"), [(make_zip, "a.zip"), (make_tar, "a.tar.gz")])
def test_files_come_out_as_they_went_in(tmp_path: Path, make: Maker, name: str) -> None:
    files = {"x/1.txt": b"one", "x/y/2.txt": b"two", "中文.txt": b"three", ".hidden": b"no"}
    archive = make(tmp_path / name, files)
    snapshot = unpack(archive, tmp_path / "files", Ticker(), share=1)
    assert [file.path for file in snapshot.files] == ["x/1.txt", "x/y/2.txt", "中文.txt"]
    for file in snapshot.files:
        assert (tmp_path / "files" / file.path).read_bytes() == files[file.path]
    assert snapshot.size_bytes == 11


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/etc/evil", "C:/evil", "..\\evil", "a/./b", "a\nb"]
)
def test_a_path_that_leads_outside_refuses_the_whole_archive(
    tmp_path: Path, make: Maker, name: str
) -> None:
    suffix = ".zip" if make is make_zip else ".tgz"
    archive = make(tmp_path / f"a{suffix}", {"good": b"1", name: b"2"})
    inside = tmp_path / "inside" / "deep"
    inside.mkdir(parents=True)
    with pytest.raises(ImportRefusedError, match="leads outside its folder"):
        unpack(archive, inside / "files", Ticker(), share=1)
    outside = [path for path in tmp_path.rglob("*") if "evil" in path.name]
    assert outside == [] and not (inside / "files").exists()


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ImportRefusedError, match="link: The archive holds a link or a device"):
        unpack(tmp_path / "a.zip", tmp_path / "files", Ticker(), share=1)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        member = tarfile.TarInfo("odd")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    with pytest.raises(ImportRefusedError, match="odd: The archive holds a link or a device"):
        unpack(tmp_path / "a.tar", tmp_path / "files", Ticker(), share=1)


def test_an_archive_that_explodes_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_ALWAYS_ALLOWED_BYTES", 1 << 20)
    archive = make_zip(tmp_path / "a.zip", {"zeros": bytes(30 << 20)})
    with pytest.raises(ImportRefusedError, match="zeros: The archive unpacks to more than"):
        unpack(archive, tmp_path / "files", Ticker(), share=1)


def test_too_many_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_ENTRIES", 3)
    archive = make_zip(tmp_path / "a.zip", {str(i): b"" for i in range(4)})
    with pytest.raises(ImportRefusedError, match="more than 3 files"):
        unpack(archive, tmp_path / "files", Ticker(), share=1)


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar.xz", "a.tar"])
def test_what_is_no_archive_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"hello, I am not an archive" * 50)
    with pytest.raises(ImportRefusedError, match=rf"{name}: The archive is damaged"):
        unpack(tmp_path / name, tmp_path / "files", Ticker(), share=1)


@pytest.mark.parametrize(("make", "name"), [(make_zip, "a.zip"), (make_tar, "a.tgz")])
def test_a_cut_off_archive_is_said(tmp_path: Path, make: Maker, name: str) -> None:
    archive = make(tmp_path / name, {"x": bytes(range(256)) * 5000})
    archive.write_bytes(archive.read_bytes()[:-200])
    with pytest.raises(ImportRefusedError, match="damaged"):
        unpack(archive, tmp_path / "files", Ticker(), share=1)


def test_an_empty_archive_is_said(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="holds no files"):
        unpack(make_zip(tmp_path / "a.zip", {}), tmp_path / "files", Ticker(), share=1)


def test_a_single_folder_around_everything_is_left_out(tmp_path: Path) -> None:
    files = {"digits/0/a.png": b"a", "digits/1/b.png": b"b"}
    snapshot = unpack(make_zip(tmp_path / "a.zip", files), tmp_path / "f", Ticker(), share=1)
    assert [file.path for file in snapshot.files] == ["0/a.png", "1/b.png"]
    assert (tmp_path / "f/0/a.png").exists()


def test_a_single_class_keeps_its_folder(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"cat/a.png": b"a", "cat/b.png": b"b"})
    snapshot = unpack(archive, tmp_path / "f", Ticker(), share=1, keep_top=True)
    assert [file.path for file in snapshot.files] == ["cat/a.png", "cat/b.png"]


def test_old_chinese_names_are_read(tmp_path: Path) -> None:
    """Windows programs write names in GBK and set no flag for it."""
    make_zip(tmp_path / "a.zip", {"XXXX.txt": b"1"})
    data = (tmp_path / "a.zip").read_bytes().replace(b"XXXX", "中文".encode("gbk"))
    (tmp_path / "a.zip").write_bytes(data)
    snapshot = unpack(tmp_path / "a.zip", tmp_path / "f", Ticker(), share=1)
    assert [file.path for file in snapshot.files] == ["中文.txt"]
