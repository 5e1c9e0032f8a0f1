"""Files and batches on disk: each is one JSON file, its content beside it; all below the home.

They belong to a scope: the service group of the key that brought them, or its service. A batch that
is not over has a marker beside it, by which every gateway process of the home finds it; who works
on it holds a lock that a dead process loses.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import orjson

from slipway.gateway.errors import BAD_REQUEST, UNKNOWN_PATH, Refused
from slipway.gateway.files import write_atomically
from slipway.gateway.state import Key

Json = dict[str, Any]
MAX_FILES = 1000  # of one scope
FINAL = frozenset({"completed", "failed", "expired", "cancelled"})


def scope_of(key: Key) -> str:
    return key.group or (key.services[0] if key.services else key.id)


class BatchStore:
    """Touches the disk, so all of it runs in threads."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    # -- files

    def add_file(self, scope: str, name: str, purpose: str, content: bytes) -> Json:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sum(1 for _ in self.list("file", scope)) >= MAX_FILES:
            raise Refused(BAD_REQUEST, f"There are {MAX_FILES} files already. Delete some first.")
        return self.keep_file(f"file-{secrets.token_hex(16)}", scope, name, purpose, content)

    def keep_file(self, file_id: str, scope: str, name: str, purpose: str, content: bytes) -> Json:
        """Under this id; the same again changes nothing."""
        write_atomically(self._data(file_id), content)
        value = {
            "id": file_id, "object": "file", "bytes": len(content), "created_at": int(time.time()),
            "filename": name[:200], "purpose": purpose, "status": "processed",
        }  # fmt: skip
        self._write(file_id, {"scope": scope, "value": value})
        return value

    def content(self, scope: str, file_id: str) -> bytes:
        self.read("file", scope, file_id)
        return self._data(file_id).read_bytes()

    def delete_file(self, scope: str, file_id: str) -> None:
        self.read("file", scope, file_id)
        self._path(file_id).unlink(missing_ok=True)
        self._data(file_id).unlink(missing_ok=True)

    # -- batches

    def add_batch(self, scope: str, key_id: str, value: Json) -> Json:
        batch_id = value["id"]
        self._write(batch_id, {"scope": scope, "key": key_id, "value": value})
        if value["status"] not in FINAL:
            self._marker(batch_id).touch()
        return value

    def cancel(self, scope: str, batch_id: str) -> Json:
        value = self.read("batch", scope, batch_id)
        if value["status"] not in FINAL:
            (self._directory / f"{batch_id}.cancel").touch()
            value = {**value, "status": "cancelling", "cancelling_at": int(time.time())}
        return value

    def is_cancelled(self, batch_id: str) -> bool:
        return (self._directory / f"{batch_id}.cancel").exists()

    def unfinished(self) -> list[str]:
        return sorted(path.stem for path in self._directory.glob("batch_*.open"))

    def claim(self, batch_id: str) -> IO[bytes] | None:
        """The lock of a batch, if nobody holds it; closing it gives it back."""
        lock = (self._directory / f"{batch_id}.lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock

    def load(self, batch_id: str) -> Json:
        """Scope, key and value of a batch. Raises OSError, ValueError."""
        found: Json = orjson.loads(self._path(batch_id).read_bytes())
        return found

    def update(self, batch_id: str, kept: Json) -> None:
        self._write(batch_id, kept)
        if kept["value"]["status"] in FINAL:
            for suffix in ("open", "cancel", "out", "err"):
                (self._directory / f"{batch_id}.{suffix}").unlink(missing_ok=True)

    def results(self, batch_id: str, kind: str) -> IO[bytes]:
        """The lines so far of `out` or `err`, open for more; a torn last line is cut off."""
        path = self._directory / f"{batch_id}.{kind}"
        file = path.open("a+b")
        file.seek(0)
        whole = file.read()
        file.truncate(whole.rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        return file

    # -- both

    def read(self, kind: str, scope: str, name: str) -> Json:
        """Raises Refused for what is not there, or is somebody else's."""
        if name.isascii() and name.replace("_", "").replace("-", "").isalnum():
            try:
                found = orjson.loads(self._path(name).read_bytes())
                if found["scope"] == scope and found["value"]["object"] == kind:
                    value: Json = found["value"]
                    return value
            except (OSError, ValueError):
                pass
        raise Refused(UNKNOWN_PATH, f"There is no {kind} {name[:100]}.", param="id")

    def list(self, kind: str, scope: str) -> Iterator[Json]:
        """Newest first."""
        found = []
        for path in self._directory.glob(f"{kind}*.json"):
            try:
                kept = orjson.loads(path.read_bytes())
            except (OSError, ValueError):
                continue
            if kept["scope"] == scope:
                found.append(kept["value"])
        yield from sorted(found, key=lambda value: (-value["created_at"], value["id"]))

    def _write(self, name: str, kept: Json) -> None:
        write_atomically(self._path(name), orjson.dumps(kept))

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}.json"

    def _data(self, name: str) -> Path:
        return self._directory / f"{name}.data"

    def _marker(self, name: str) -> Path:
        return self._directory / f"{name}.open"
