"""What is done to a whole track: its frames are read, changed and kept in one step."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.data.manifest import Manifest
from slipway.iam.types import Actor
from slipway.labelling import queries, tracks
from slipway.labelling.content import Content, manifest_of, read_contents, value_of
from slipway.labelling.save import move, write_history
from slipway.labelling.take import is_held_by_other, open_task, row_of
from slipway.labelling.tracks import Track
from slipway.labelling.types import LabelKind, Record, RecordState, Task

MAX_FRAMES = 2000  # of a sequence, to each side
_PAGE = 250


class TrackAction(StrEnum):
    INTERPOLATE = "interpolate"
    RELABEL = "relabel"
    DELETE = "delete"
    SPLIT = "split"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class TrackChange:
    action: TrackAction
    track: int
    at: int  # a frame of the sequence; a split begins there
    label: str | None = None  # RELABEL
    into: int | None = None  # MERGE


@dataclass(frozen=True, slots=True)
class Sequence:
    """The frames around one: images of the same folder, in order of their names."""

    first: int
    last: int
    tracks: tuple[Track, ...]

    @property
    def next_id(self) -> int:
        return max((track.id for track in self.tracks), default=0) + 1


async def read_tracks(db: Database, home: Path, actor: Actor, task_id: str, at: int) -> Sequence:
    async with db.read() as session:
        task = queries.frozen_task(await queries.get_task(session, actor.project_id, task_id))
        contents = await asyncio.to_thread(_contents, _manifest(home, task), at)
        frames = await _frames(session, task, contents)
    return _sequence(contents, frames)


async def change_track(
    db: Database, home: Path, actor: Actor, task_id: str, change: TrackChange, *, now: datetime
) -> Sequence:
    """All frames that change are kept together, or, if another has one of them open, none."""
    async with db.read() as session:
        task = queries.frozen_task(await queries.get_task(session, actor.project_id, task_id))
    contents = await asyncio.to_thread(_contents, _manifest(home, task), change.at)
    async with db.begin() as session:
        row = await open_task(session, actor, task_id)
        task = queries.frozen_task(row)
        frames = await _frames(session, task, contents)
        known = {track.id for track in tracks.tracks_of(frames)}
        if change.track not in known:
            raise NotFound(f"There is no track {change.track} in this sequence.")
        changed = _applied(task, frames, change, known)
        for frame, shapes in changed.items():
            record = await row_of(session, row, frame)
            if is_held_by_other(record, actor, now):
                raise Conflict(
                    f"{record.lock_name} has frame {frame + 1} open. Nothing was changed; try again "
                    "when it is free.",
                    code="record_locked", user_name=record.lock_name,
                )  # fmt: skip
            record.value = {"boxes": [dict(shape) for shape in shapes]}
            move(row, record, RecordState.LABELLED)
            record.labelled_by, record.labeller_name = actor.user_id, actor.user_name
            record.labelled_at, record.owner = now, record.owner or actor.user_id
            await write_history(session, record, actor, "track", now)
        row.updated_at = now
    return _sequence(contents, {**frames, **changed})


def _applied(
    task: Task, frames: tracks.Frames, change: TrackChange, known: set[int]
) -> tracks.Frames:
    track = change.track
    match change.action:
        case TrackAction.INTERPOLATE:
            return tracks.interpolated(frames, track)
        case TrackAction.DELETE:
            return tracks.removed(frames, track)
        case TrackAction.SPLIT:
            return tracks.split(frames, track, change.at, max(known) + 1)
        case TrackAction.RELABEL:
            if change.label not in {label.name for label in task.labels}:
                raise Invalid(
                    f"The label {str(change.label)[:60]!r} is not one of this task's.",
                    field="label",
                )
            return tracks.relabelled(frames, track, change.label or "")
        case TrackAction.MERGE:
            if change.into is None or change.into not in known or change.into == track:
                raise Invalid("Name another track of this sequence to merge into.", field="into")
            return tracks.merged(frames, track, change.into)


def _manifest(home: Path, task: Task) -> Manifest:
    if task.kind is not LabelKind.TRACKING:
        raise Invalid("Only tasks of object tracking have tracks.", code="no_tracking")
    return manifest_of(home, task)


def _contents(manifest: Manifest, at: int) -> dict[int, Content]:
    """Frame number -> what it is about, for the sequence around `at`. Blocks."""
    count = manifest.summary.sample_count
    if not 0 <= at < count:
        raise NotFound(f"There is no record {at}; the task has {count}.")
    here = read_contents(manifest, LabelKind.TRACKING, [at])[0]
    found = {at: here}
    folder = PurePosixPath(here.file).parent
    for step in (-1, 1):
        edge = max(at - MAX_FRAMES, -1) if step < 0 else min(at + MAX_FRAMES, count)
        start = at + step
        while (edge - start) * step > 0:
            stop = start + step * min(_PAGE, abs(edge - start))
            page = read_contents(manifest, LabelKind.TRACKING, list(range(start, stop, step)))
            same = [one for one in page if PurePosixPath(one.file).parent == folder]
            found |= {one.index: one for one in same}
            if len(same) < len(page):
                break
            start = stop
    return found


async def _frames(
    session: AsyncSession, task: Task, contents: Mapping[int, Content]
) -> dict[int, list[tracks.Shape]]:
    first, last = min(contents), max(contents)
    rows = await queries.list_records(session, task.id, first=first, last=last)
    known = {row.number: queries.frozen_record(row) for row in rows}
    frames: dict[int, list[Any]] = {}
    for number in sorted(contents):
        record = known.get(number) or Record(number)
        if record.state is not RecordState.DELETED:
            frames[number] = value_of(task, record, contents[number]).get("boxes", [])
    return frames


def _sequence(contents: Mapping[int, Content], frames: tracks.Frames) -> Sequence:
    return Sequence(min(contents), max(contents), tuple(tracks.tracks_of(frames)))
