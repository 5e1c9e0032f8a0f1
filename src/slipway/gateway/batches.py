"""Runs batches: few lines at a time, behind everybody else, and on from the last line after a crash.

Results are appended line by line to files of the batch; what stands there is done. A line that was
under way when the process died is asked again, the others never.
"""

import asyncio
import logging
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import orjson

from slipway.gateway import inner
from slipway.gateway.admission import find_service
from slipway.gateway.batch_lines import Line, parse
from slipway.gateway.batch_store import FINAL, BatchStore
from slipway.gateway.errors import Refused

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway

log = logging.getLogger(__name__)

Json = dict[str, Any]
AT_ONCE = 4  # lines of one batch
LOOK_EVERY_S = 1.0
SAVE_EVERY_S = 0.5
# A replica with more calls than this, or half of its own limit, has no time for batches.
BUSY_CALLS = 8
FAILED_TRIES = 3
WAIT_BUSY_S = 0.1


class Batches:
    def __init__(self, gateway: "Gateway", directory: Path) -> None:
        self.store = BatchStore(directory)
        self._gateway = gateway
        self._news = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}

    def wake(self) -> None:
        self._news.set()

    async def follow(self) -> None:
        """Takes up what is not over and nobody works on, for as long as the gateway runs."""
        while True:
            try:
                for batch_id in await asyncio.to_thread(self.store.unfinished):
                    if batch_id not in self._running and not self._gateway.draining:
                        self._take_up(batch_id)
            except OSError as cause:
                log.error("batches cannot be looked at", extra={"reason": str(cause)})
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._news.wait()
            self._news.clear()

    def _take_up(self, batch_id: str) -> None:
        lock = self.store.claim(batch_id)
        if lock is None:
            return
        task = self._gateway.spawn(self._run_claimed(batch_id, lock))
        self._running[batch_id] = task
        task.add_done_callback(lambda _: self._running.pop(batch_id, None))

    async def _run_claimed(self, batch_id: str, lock: IO[bytes]) -> None:
        try:
            kept = await asyncio.to_thread(self.store.load, batch_id)
            if kept["value"]["status"] in FINAL:
                await asyncio.to_thread(self.store.update, batch_id, kept)  # its marker goes
            else:
                await _Run(self._gateway, self.store, batch_id, kept).run()
        except Exception:
            log.exception("a batch waits for another try", extra={"batch": batch_id})
            await asyncio.sleep(LOOK_EVERY_S)
        finally:
            lock.close()


class _Run:
    """One batch from where it stands to its end."""

    def __init__(self, gateway: "Gateway", store: BatchStore, batch_id: str, kept: Json) -> None:
        self._gateway, self._store, self._id, self._kept = gateway, store, batch_id, kept
        self._value: Json = kept["value"]
        self._counts: Json = self._value["request_counts"]
        self._results: dict[str, IO[bytes]] = {}
        self._unsaved = False

    async def run(self) -> None:
        scope = self._kept["scope"]
        content = await asyncio.to_thread(self._store.content, scope, self._value["input_file_id"])
        lines = await asyncio.to_thread(parse, content)
        done = await asyncio.to_thread(self._open_results)
        self._value["status"] = "in_progress"
        self._value["in_progress_at"] = self._value["in_progress_at"] or int(time.time())
        await self._save()
        waiting = iter([line for line in lines if line.custom_id not in done])
        saving = asyncio.create_task(self._keep_saving())
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(AT_ONCE):
                    group.create_task(self._work(waiting))
            saving.cancel()
            await asyncio.gather(saving, return_exceptions=True)
            await self._finish()
        finally:
            saving.cancel()
            for file in self._results.values():
                file.close()

    def _open_results(self) -> set[str]:
        """Names of the lines that are done; their numbers are in the counts then."""
        done: set[str] = set()
        for kind, count in (("out", "completed"), ("err", "failed")):
            file = self._results[kind] = self._store.results(self._id, kind)
            file.seek(0)
            names = {orjson.loads(line)["custom_id"] for line in file}
            self._counts[count] = len(names)
            done |= names
        return done

    async def _work(self, waiting: Any) -> None:
        for line in waiting:
            if self._over():
                return
            answer = await self._answer(line)
            if answer is None:
                return
            self._note(line, *answer)
            self._unsaved = True

    async def _keep_saving(self) -> None:
        """What has been done is told about once a second."""
        while True:
            await asyncio.sleep(SAVE_EVERY_S)
            if self._unsaved:
                self._unsaved = False
                await self._save()

    def _over(self) -> bool:
        return (
            self._gateway.draining
            or self._store.is_cancelled(self._id)
            or time.time() > self._value["expires_at"]
        )

    async def _answer(self, line: Line) -> tuple[int, Json | None, Json | None] | None:
        """(status, response, error) of a line; None where the batch is over before it has one."""
        tries = 0
        while not self._over():
            key = self._gateway.state.keys.get(self._kept["key"])
            if key is None:
                return 401, None, {"code": "500004", "message": "The key of this batch is gone."}
            if self._busy(line):
                await asyncio.sleep(WAIT_BUSY_S)
                continue
            limit_s = self._gateway.settings.upstream_timeout_s
            try:
                status, headers, body = await inner.call(
                    self._gateway, key, line.url, line.body, timeout_s=limit_s
                )
            except TimeoutError:
                status, headers, body = 0, {}, b""
            tries += 1
            if status == 429 and "retry-after" in headers:
                await asyncio.sleep(min(5.0, float(headers["retry-after"])))
                continue
            if (status == 0 or status >= 500) and tries < FAILED_TRIES:
                await asyncio.sleep(0.2 * 2**tries)
                continue
            if status == 0:
                return 500, None, {"code": "500001", "message": "The model did not answer in time."}
            request_id = headers.get("x-request-id", "")
            return (
                status,
                {"status_code": status, "request_id": request_id, "body": _json(body)},
                None,
            )
        return None

    def _busy(self, line: Line) -> bool:
        """Whether others need the model's replicas now."""
        state = self._gateway.state
        key = state.keys.get(self._kept["key"])
        try:
            service = find_service(state, key, line.model) if key is not None else None
        except Refused:
            return False  # the call itself says so better
        if service is None:
            return False
        most = service.concurrency_per_replica
        few = max(1, most // 2) if most is not None else BUSY_CALLS
        replicas = [r for version in service.versions for r in version.replicas]
        loads = [self._gateway.router.load(r.id).in_flight for r in replicas]
        return bool(loads) and min(loads) >= few

    def _note(self, line: Line, status: int, response: Json | None, error: Json | None) -> None:
        good = status == 200
        file = self._results["out" if good else "err"]
        name = f"batch_req_{self._id[6:14]}_{line.number}"
        value = {"id": name, "custom_id": line.custom_id, "response": response, "error": error}
        file.write(orjson.dumps(value) + b"\n")
        file.flush()
        self._counts["completed" if good else "failed"] += 1

    async def _finish(self) -> None:
        if self._gateway.draining:
            await self._save()
            return
        now = int(time.time())
        cancelled = self._store.is_cancelled(self._id)
        complete = self._counts["completed"] + self._counts["failed"] == self._counts["total"]
        if cancelled:
            self._value |= {"status": "cancelled", "cancelled_at": now}
            self._value["cancelling_at"] = self._value["cancelling_at"] or now
        elif complete:
            self._value |= {"status": "completed", "finalizing_at": now, "completed_at": now}
        else:
            self._value |= {"status": "expired", "expired_at": now}
        for kind, field in (("out", "output"), ("err", "error")):
            file = self._results[kind]
            file.seek(0)
            content = await asyncio.to_thread(file.read)
            if content:
                name = f"file-{self._id[6:]}-{kind}"
                await asyncio.to_thread(
                    self._store.keep_file, name, self._kept["scope"],
                    f"{self._id}_{field}.jsonl", "batch_output", content,
                )  # fmt: skip
                self._value[f"{field}_file_id"] = name
        await self._save()

    async def _save(self) -> None:
        await asyncio.to_thread(self._store.update, self._id, self._kept)


def _json(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")
