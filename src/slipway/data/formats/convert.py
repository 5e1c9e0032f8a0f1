"""Files of other formats become those that samples are read from, once, at import.

    records   .parquet, .arrow (also Hugging Face on disk), .json arrays, WebDataset .tar -> .jsonl
    tables    .xlsx, .xls (the first sheet), .parquet                                     -> .csv

Pictures and sounds that such a file carries inside become files beside it. The original stays at
the dataset's address; the version holds what came of it.
"""

from __future__ import annotations

import base64
import csv
import datetime
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from slipway.assets.keys import checked_key
from slipway.base.errors import Invalid
from slipway.data.errors import ImportRefusedError, refuse
from slipway.data.progress import Ticker
from slipway.data.snapshot import HashedFile, Snapshot, StoredFile, content_hash
from slipway.data.types import LINE_KINDS, RECORD_KINDS, DatasetKind, Problem

MAX_JSON_BYTES = 1 << 30
_HUGGING_FACE = ("dataset_info.json", "state.json", "dataset_dict.json")
_MAGIC = {
    b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"BM": "bmp", b"GIF8": "gif", b"fLaC": "flac",
    b"ID3": "mp3", b"OggS": "ogg",
}  # fmt: skip
MEDIA_SUFFIXES = (
    ".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".wav", ".mp3", ".flac", ".ogg", ".m4a",
    ".mp4", ".webm", ".mov",
)  # fmt: skip
Rows = Iterator[dict[str, Any]]


def accepted_suffixes(kind: DatasetKind) -> tuple[str, ...]:
    """What the files of a kind may be called, the usual one first; empty: anything."""
    if kind in RECORD_KINDS:
        return (".jsonl", ".parquet", ".arrow", ".json", ".tar")
    if kind is DatasetKind.TEXT:
        return (".jsonl", ".txt", ".json")
    if kind is DatasetKind.TABLE:
        return (".csv", ".tsv", ".xlsx", ".xls", ".parquet")
    return ()


def is_webdataset(archive: Path) -> bool:
    """Whether a .tar holds samples as groups of equally named files, and no .jsonl."""
    if archive.suffix.lower() != ".tar":
        return False
    try:
        with tarfile.open(archive) as tar:
            names = [member.name for member, _ in zip(tar, range(20), strict=False)]
    except (tarfile.TarError, OSError):
        return False
    if any(name.endswith((".jsonl", ".parquet", ".arrow")) for name in names):
        return False
    stems = {_split(name)[0] for name in names}
    return bool(names) and len(stems) < len(names)


def convert_files(kind: DatasetKind, files: Path, snapshot: Snapshot, ticker: Ticker) -> Snapshot:
    """Replace what must be converted below `files`. Raises ImportRefusedError."""
    kept = {file.path: file for file in snapshot.files}
    made: list[StoredFile] = []
    for file in snapshot.files:
        converter = _converter(kind, file.path)
        if converter is None:
            continue
        new = _Converted(files, file.path, kept, made, ticker)
        try:
            done = converter(files / file.path, new)
        except ImportRefusedError:
            raise
        except Exception as error:  # each reader has errors of its own for a damaged file
            said = f"cannot be read ({type(error).__name__}: {str(error)[:200]})."
            raise ImportRefusedError([Problem(said, file.path)]) from error
        if done:
            (files / file.path).unlink()
            del kept[file.path]
    if not made:
        return snapshot
    whole = tuple(sorted([*kept.values(), *made], key=lambda file: file.path))
    return Snapshot(whole, content_hash(whole))


class _Converted:
    """Where the files go that come of one."""

    def __init__(
        self, root: Path, path: str, kept: dict[str, StoredFile], made: list[StoredFile],
        ticker: Ticker,
    ) -> None:  # fmt: skip
        self.root, self.path, self.ticker = root, path, ticker
        self._kept, self._made = kept, made
        self._count = 0

    def open(self, suffix: str) -> HashedFile:
        name = PurePosixPath(self.path).with_suffix(suffix)
        if str(name) in self._kept or any(file.path == str(name) for file in self._made):
            name = PurePosixPath(self.path + suffix)
        return HashedFile(self.root, str(name))

    def keep(self, file: HashedFile) -> None:
        self._made.append(file.finish())

    def beside(self, data: bytes, name: str) -> str:
        """Bytes as a file of their own; its path in the dataset."""
        self._count += 1
        folder = PurePosixPath(self.path).with_suffix("")
        file = HashedFile(self.root, f"{folder}-files/{self._count:06d}-{name}")
        file.add(data)
        stored = file.finish()
        self._made.append(stored)
        return stored.path


Converter = Callable[[Path, _Converted], bool]


def _converter(kind: DatasetKind, path: str) -> Converter | None:
    suffix, name = PurePosixPath(path).suffix.lower(), PurePosixPath(path).name
    if kind in RECORD_KINDS:
        return {
            ".parquet": _records_of(_parquet_rows), ".arrow": _records_of(_arrow_rows),
            ".tar": _records_of(_tar_rows),
            ".json": None if name in _HUGGING_FACE else _json_array,
        }.get(suffix)  # fmt: skip
    if kind in LINE_KINDS and suffix == ".json":
        return _json_array
    if kind is DatasetKind.TABLE:
        return {".xlsx": _sheet, ".xls": _sheet, ".parquet": _parquet_table}.get(suffix)
    return None


def _records_of(rows: Callable[[Path, _Converted], Rows]) -> Converter:
    def convert(path: Path, new: _Converted) -> bool:
        return _write_lines(rows(path, new), new)

    return convert


def _write_lines(rows: Iterable[dict[str, Any]], new: _Converted) -> bool:
    with closing(new.open(".jsonl")) as file:
        for count, row in enumerate(rows):
            whole = {key: _plain(value, new) for key, value in row.items()}
            file.add(orjson.dumps(whole, option=orjson.OPT_APPEND_NEWLINE))
            if count % 500 == 0:
                new.ticker.check()
        new.keep(file)
    return True


def _parquet_rows(path: Path, new: _Converted) -> Rows:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=1000):
            yield from batch.to_pylist()


def _arrow_rows(path: Path, new: _Converted) -> Rows:
    import pyarrow

    with pyarrow.memory_map(str(path)) as source:
        try:
            batches: Any = pyarrow.ipc.open_stream(source)
        except pyarrow.ArrowInvalid:
            source.seek(0)
            file = pyarrow.ipc.open_file(source)
            batches = (file.get_batch(n) for n in range(file.num_record_batches))
        for batch in batches:
            for start in range(0, batch.num_rows, 1000):
                yield from batch.slice(start, 1000).to_pylist()


def _tar_rows(path: Path, new: _Converted) -> Rows:
    """Files of one base name are one sample; those that are no text are kept as files."""
    row: dict[str, Any] = {}
    with tarfile.open(path) as tar:
        for member in tar:
            if not member.isreg():
                continue
            stem, ending = _split(member.name)
            try:
                checked_key(member.name)
            except Invalid as error:
                raise refuse(error.message, file=member.name) from error
            if row and row["__key__"] != stem:
                yield row
                row = {}
            row["__key__"] = stem
            opened = tar.extractfile(member)
            data = opened.read() if opened is not None else b""
            if ending == "json":
                value = orjson.loads(data)
                row.update(value if isinstance(value, dict) else {"json": value})
            elif ending in ("txt", "text", "caption", "cls"):
                row[ending] = data.decode("utf-8", "replace").strip()
            else:
                row[ending] = new.beside(data, PurePosixPath(member.name).name)
    if row:
        yield row


def _json_array(path: Path, new: _Converted) -> bool:
    """An array of objects, as Alpaca and ShareGPT files are. Another file is left as it is."""
    with path.open("rb") as file:
        begins = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if begins != b"[":
        return False
    if path.stat().st_size > MAX_JSON_BYTES:
        said = (
            f"an array of more than {MAX_JSON_BYTES >> 20} MiB. Write one object a line (.jsonl)."
        )
        raise refuse(said, file=new.path)
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        values = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise refuse(f"not valid JSON: {error.msg}.", file=new.path, line=error.lineno) from error
    for number, value in enumerate(values, 1):
        if not isinstance(value, dict):
            raise refuse(f"element {number} is not a JSON object.", file=new.path)
    return _write_lines(values, new)


def _sheet(path: Path, new: _Converted) -> bool:
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    return _write_table((list(row) for row in sheet.iter_rows()), new)


def _parquet_table(path: Path, new: _Converted) -> bool:
    import pyarrow.parquet

    def rows() -> Iterator[list[Any]]:
        with pyarrow.parquet.ParquetFile(path) as file:
            yield list(file.schema_arrow.names)
            for batch in file.iter_batches(batch_size=1000):
                yield from (list(row.values()) for row in batch.to_pylist())

    return _write_table(rows(), new)


def _write_table(rows: Iterable[list[Any]], new: _Converted) -> bool:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    with closing(new.open(".csv")) as file:
        for count, row in enumerate(rows):
            writer.writerow([_cell(value, new) for value in row])
            if count % 500 == 0:
                file.add(_taken(text))
                new.ticker.check()
        file.add(_taken(text))
        new.keep(file)
    return True


def _taken(text: io.StringIO) -> bytes:
    data = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return data


def _cell(value: Any, new: _Converted) -> Any:
    plain = _plain(value, new)
    if isinstance(plain, float) and plain.is_integer() and abs(plain) < 1e15:
        return int(plain)  # a spreadsheet knows no whole numbers
    if isinstance(plain, bool):
        return str(plain).lower()
    return json.dumps(plain, ensure_ascii=False) if isinstance(plain, dict | list) else plain


def _plain(value: Any, new: _Converted) -> Any:
    """A value as JSON has it. Bytes of a picture or a sound become a file."""
    match value:
        case {"bytes": bytes() as data, "path": _} if len(value) == 2:
            name = PurePosixPath(str(value["path"] or f"data.{_kind_of(data) or 'bin'}")).name
            return new.beside(data, name)
        case dict():
            return {str(key): _plain(item, new) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item, new) for item in value]
        case bytes():
            kind = _kind_of(value)
            return new.beside(value, f"data.{kind}") if kind else base64.b64encode(value).decode()
        case Decimal():
            return float(value)
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            return value.total_seconds()
        case str() | int() | float() | bool() | None:
            return value
        case _:
            return str(value)


def _kind_of(data: bytes) -> str | None:
    if data[:4] == b"RIFF":
        return "wav" if data[8:12] == b"WAVE" else "webp"
    return next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), None)


def _split(name: str) -> tuple[str, str]:
    """`a/b.seg.png` is `a/b` and `seg.png`, as WebDataset has it."""
    folder, slash, base = name.rpartition("/")
    stem, _, ending = base.partition(".")
    return folder + slash + stem, ending.lower()
