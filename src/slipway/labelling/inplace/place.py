"""Where the user's files of a task are, and what their lines are to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import orjson

from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.base.errors import Invalid
from slipway.data.archives import is_archive
from slipway.data.manifest import Manifest, RawSample
from slipway.labelling.inplace.lines import set_in_line
from slipway.labelling.inplace.original import Line, Original
from slipway.labelling.schema.answers import labelled_record
from slipway.labelling.schema.check import refused
from slipway.labelling.schema.document import document_for
from slipway.labelling.schema.errors import SchemaProblem
from slipway.labelling.types import Record, RecordState, Task

FOLDER = "labelling/in-place"


@dataclass(frozen=True, slots=True)
class Place:
    """The files of a dataset version as they lie in the storage, by the number of their source."""

    originals: Mapping[int, Original]

    @classmethod
    def of(
        cls, home: Path, storage: Storage, task: Task, address: str, manifest: Manifest
    ) -> Place:
        """Blocks. Raises Invalid where the address is nothing that can be written into."""
        at = Address.parse(address)
        root = storage.path_of(at.bucket, at.key)
        if root.is_file() and is_archive(root):
            raise Invalid(
                "The dataset comes from an archive; only files that lie in a folder can be "
                "labelled in place.",
                field="mode", code="not_in_place",
            )  # fmt: skip
        base = PurePosixPath(at.key).parent if root.is_file() else PurePosixPath(at.key)
        tables = home / FOLDER / task.id
        found = {}
        for number, source in enumerate(manifest.sources):
            key = base / source.path
            folder = storage.path_of(at.bucket, "" if str(key.parent) == "." else str(key.parent))
            found[number] = Original(
                folder, key.name, manifest.directory / "files" / source.path, tables,
                f"{task.id}-{number}", partial(storage.check_opened, at.bucket),
            )  # fmt: skip
        return cls(found)

    def adopt(self) -> None:
        """Files of which nothing is known yet must be what was read."""
        for original in self.originals.values():
            if not any(original.tables.glob(f"{original.key}@*")):
                original.adopt()

    def write(self, manifest: Manifest, task: Task, records: Iterable[Record]) -> None:
        lines: dict[int, dict[int, Line]] = {}
        wanted = {record.index: record for record in records}
        for raw in manifest.read(sorted(wanted)):
            data = line_of(raw, task, wanted[raw.index])
            line = Line(raw.offset, len(raw.data), data)
            lines.setdefault(raw.source, {})[raw.index] = line
        for source, some in lines.items():
            self.originals[source].write(some)

    def restore(self) -> None:
        for original in self.originals.values():
            original.write_over({})


def line_of(raw: RawSample, task: Task, record: Record) -> bytes:
    """What a record's line says now; nothing where it is deleted."""
    if record.state is RecordState.DELETED:
        return b""
    answers = (record.value or {}).get("answers", {})
    if not answers:
        return raw.data
    sample = orjson.loads(raw.data)
    try:
        document = document_for(task.schema or "", sample)
    except SchemaProblem as problem:
        raise refused(problem) from problem
    return set_in_line(raw.data, sample, labelled_record(sample, document, answers))
