"""Records in other formats: conversations, Parquet, Hugging Face on disk, WebDataset."""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import IO, Any

import orjson

from slipway.base.errors import Invalid
from slipway.data.formats.chat import ChatForm, read_messages, rest_of, write_chat
from slipway.data.formats.convert import MEDIA_SUFFIXES
from slipway.data.manifest import Manifest

_PAGE = 1000
_BLOCK_BYTES = 1 << 18
Records = Iterator[dict[str, Any]]


def records_of(manifest: Manifest) -> Records:
    for start in range(0, manifest.summary.sample_count, _PAGE):
        stop = min(start + _PAGE, manifest.summary.sample_count)
        for raw in manifest.read(range(start, stop)):
            yield orjson.loads(raw.data)


def chat_lines(manifest: Manifest, form: ChatForm) -> Iterator[bytes]:
    """One line a record. Records in which nobody says anything are left out."""
    for record in records_of(manifest):
        messages = read_messages(record)
        if messages is not None:
            value = write_chat(form, messages, rest_of(record))
            yield orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def check_chat(manifest: Manifest) -> None:
    """Refuse before the first byte what holds no conversation, judged by the first records."""
    for record, _ in zip(records_of(manifest), range(100), strict=False):
        if read_messages(record) is not None:
            return
    raise Invalid(
        "No conversation was found in the first records. Export them as they were imported.",
        field="format", code="no_conversation",
    )  # fmt: skip


def parquet(manifest: Manifest) -> Iterator[bytes]:
    def write(file: IO[bytes]) -> None:
        import pyarrow.parquet

        schema, tables = _tables(manifest)
        with pyarrow.parquet.ParquetWriter(file, schema) as out:
            for table in tables:
                out.write_table(table)

    return _through_file(write)


def arrow_stream(manifest: Manifest) -> Iterator[bytes]:
    def write(file: IO[bytes]) -> None:
        import pyarrow

        schema, tables = _tables(manifest)
        with pyarrow.ipc.new_stream(file, schema) as out:
            for table in tables:
                out.write_table(table)

    return _through_file(write)


def hugging_face_files() -> dict[str, bytes]:
    """What `datasets.load_from_disk` wants beside the data."""
    state: dict[str, Any] = {
        "_data_files": [{"filename": "data-00000-of-00001.arrow"}], "_fingerprint": "slipway",
        "_format_columns": None, "_format_kwargs": {}, "_format_type": None,
        "_output_all_columns": False, "_split": None,
    }  # fmt: skip
    return {"state.json": json.dumps(state).encode(), "dataset_info.json": b"{}"}


def webdataset(manifest: Manifest) -> Iterator[bytes]:
    """One tar: `<number>.json` for each record, and the media that it names beside it."""

    def write(file: IO[bytes]) -> None:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for number, record in enumerate(records_of(manifest)):
                _member(tar, f"{number:08d}.json", orjson.dumps(record))
                for field, place in _media(manifest, record):
                    ending = PurePosixPath(place).suffix.lower()
                    path = manifest.directory / "files" / place
                    _member(tar, f"{number:08d}.{field}{ending}", path.read_bytes())

    return _through_file(write)


def _media(manifest: Manifest, record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in record.items():
        items = value if isinstance(value, list) else [value]
        for at, item in enumerate(items):
            if not isinstance(item, str) or not item.lower().endswith(MEDIA_SUFFIXES):
                continue
            place = PurePosixPath(item.removeprefix("./"))
            inside = not place.is_absolute() and ".." not in place.parts
            if inside and (manifest.directory / "files" / place).is_file():
                plain = "".join(letter for letter in name if letter.isalnum()) or "file"
                yield f"{plain}{at or ''}", str(place)


def _member(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o644
    tar.addfile(info, io.BytesIO(data))


def _tables(manifest: Manifest) -> tuple[Any, Iterator[Any]]:
    """The schema of all records, and them in tables. What has no one type is JSON text."""
    import pyarrow

    kinds: dict[str, Any] = {}
    mixed: set[str] = set()
    fields = manifest.summary.statistics.get("fields", ())
    for field in fields:
        known = set(field["types"]) - {"null"}
        if known <= {"string"}:
            kinds[field["name"]] = pyarrow.string()
        elif known == {"number"}:
            kinds[field["name"]] = pyarrow.float64()
        elif known == {"bool"}:
            kinds[field["name"]] = pyarrow.bool_()
        else:
            kinds[field["name"]] = pyarrow.string()
            mixed.add(field["name"])
    schema = pyarrow.schema(list(kinds.items()))

    def tables() -> Iterator[Any]:
        page: list[dict[str, Any]] = []
        for record in records_of(manifest):
            page.append({n: _cell(record.get(n), n in mixed) for n in kinds})
            if len(page) == _PAGE:
                yield pyarrow.Table.from_pylist(page, schema=schema)
                page = []
        if page:
            yield pyarrow.Table.from_pylist(page, schema=schema)

    return schema, tables()


def _cell(value: Any, mixed: bool) -> Any:
    if not mixed or value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


def _through_file(write: Callable[[IO[bytes]], None]) -> Iterator[bytes]:
    """For formats whose end tells of their beginning: made on the disk, then sent."""
    with tempfile.TemporaryFile() as file:
        write(file)
        file.seek(0)
        while block := file.read(_BLOCK_BYTES):
            yield block
