"""A labelled set of images as files in each format: for an archive, for a version, for a sample.

A writer yields the files one after the other; each asks for the samples as often as it needs them, so
that nothing is kept in memory. `keep` leaves the images where they are (the next version of a
dataset); otherwise they lie as the format wants it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import orjson

from slipway.data.formats import (
    augmented,
    cvat,
    label_studio,
    masks,
    ocr,
    ti,
    voc_masks,
    write,
    write_more,
    yolo,
)
from slipway.data.formats.raster import shape_pixels
from slipway.data.formats.voc import MASK_FOLDERS
from slipway.data.formats.write import Sample
from slipway.data.types import DatasetKind, LabelFormat

COCO_FILE = "annotation.json"
TI_MASKS = "masks"
MOST_OBJECTS = 254  # that a palette can number


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the set: an image of the samples (its path there), or made of pieces."""

    name: str
    image: str | None = None
    pieces: Iterator[bytes] | None = None


@dataclass(frozen=True, slots=True)
class ImageSet:
    kind: DatasetKind
    labels: list[str]
    samples: Callable[[], Iterator[tuple[int, dict[str, Any]]]]
    keep: bool = False

    @property
    def segmented(self) -> bool:
        return self.kind is DatasetKind.IMAGE_SEGMENTATION

    @property
    def classified(self) -> bool:
        return self.kind is DatasetKind.IMAGE_CLASSIFICATION

    def images(self) -> Iterator[Member]:
        for _, sample in self.samples():
            yield Member(sample["path"], image=sample["path"])


def members(label_format: LabelFormat, of: ImageSet) -> Iterator[Member]:
    match label_format:
        case LabelFormat.FOLDER:
            return _folders(of)
        case LabelFormat.VOC:
            return _voc_masks(of) if of.segmented else _voc(of)
        case LabelFormat.COCO:
            return _coco(of)
        case LabelFormat.TI:
            return _ti_masks(of) if of.segmented else _ti(of)
        case LabelFormat.YOLO:
            return _yolo(of)
        case LabelFormat.LABEL_STUDIO:
            return _label_studio(of)
        case LabelFormat.CVAT:
            return _cvat(of)
        case LabelFormat.MANIFEST:
            return _manifest(of)
        case LabelFormat.NONE:
            return of.images()


def is_label_file(path: str, label_format: LabelFormat) -> bool:
    """Whether a file holds labels in that format, which new ones replace."""
    name = PurePosixPath(path).name
    match label_format:
        case LabelFormat.VOC:
            in_masks = PurePosixPath(path).parent.name in MASK_FOLDERS
            return name.endswith(".xml") or in_masks or name == voc_masks.LABEL_MAP
        case LabelFormat.COCO | LabelFormat.LABEL_STUDIO:
            return name.endswith(".json")
        case LabelFormat.TI:
            return name == ti.FILE_NAME or path.startswith(f"{TI_MASKS}/")
        case LabelFormat.YOLO:
            return name.endswith(".txt") or name in yolo.NAME_FILES
        case LabelFormat.CVAT:
            return name.endswith(".xml")
        case LabelFormat.MANIFEST:
            return name.endswith(".manifest")
        case _:
            return name in (ti.FILE_NAME, COCO_FILE, "data.yaml", label_studio.FILE_NAME,
                            cvat.FILE_NAME, augmented.FILE_NAME)  # fmt: skip


def is_new_file(path: str, label_format: LabelFormat) -> bool:
    """Whether a writer makes a file of that name itself."""
    made = {
        LabelFormat.COCO: COCO_FILE, LabelFormat.TI: ti.FILE_NAME, LabelFormat.YOLO: "data.yaml",
        LabelFormat.LABEL_STUDIO: label_studio.FILE_NAME, LabelFormat.CVAT: cvat.FILE_NAME,
        LabelFormat.MANIFEST: augmented.FILE_NAME, LabelFormat.VOC: voc_masks.LABEL_MAP,
    }  # fmt: skip
    folders = {LabelFormat.VOC: "Annotations", LabelFormat.TI: TI_MASKS}
    folder = PurePosixPath(path).parts[0]
    return path == made.get(label_format) or folder == folders.get(label_format)


def _folders(of: ImageSet) -> Iterator[Member]:
    """Classes as folders; an image without one lies at the top."""
    taken: set[str] = set()
    for number, sample in of.samples():
        labels = sample.get("labels", ())
        name = PurePosixPath(sample["path"]).name
        place = f"{labels[0]}/{name}" if labels else name
        if place in taken:
            place = str(PurePosixPath(place).with_name(f"{number:07d}-{name}"))
        taken.add(place)
        yield Member(place, image=sample["path"])


def _voc_places(of: ImageSet) -> Iterator[tuple[Sample, str, str]]:
    """(sample, place of its image, base name of its labels); these are found by base name."""
    taken: set[str] = set()
    for number, sample in of.samples():
        path = PurePosixPath(sample["path"])
        stem = path.stem if path.stem not in taken else f"{path.stem}-{number}"
        taken.add(stem)
        yield sample, str(path) if of.keep else f"DataFile/{stem}{path.suffix}", stem


def _voc(of: ImageSet) -> Iterator[Member]:
    for sample, place, stem in _voc_places(of):
        yield Member(place, image=sample["path"])
        if of.keep and not sample.get("boxes"):
            continue
        # Kept images may share a base name; then the label file beside the image is the nearest.
        own = PurePosixPath(place)
        name = f"Annotations/{stem}.xml" if own.stem == stem else str(own.with_suffix(".xml"))
        yield _text(name, write.voc_xml(sample, own.name))


def _voc_masks(of: ImageSet) -> Iterator[Member]:
    numbers = {name: number for number, name in enumerate(of.labels, 1)}
    palette = masks.voc_palette()
    lines = ["background:0,0,0"]
    for name, number in numbers.items():
        lines.append(f"{name}:{','.join(map(str, palette[3 * number : 3 * number + 3]))}")
    for sample, place, stem in _voc_places(of):
        yield Member(place, image=sample["path"])
        boxes = sample.get("boxes", ())
        if not boxes:
            continue
        yield _text(
            f"Annotations/{stem}.xml",
            write.voc_xml(sample, PurePosixPath(place).name, segmented=True),
        )
        own = PurePosixPath(place)
        beside = "" if own.stem == stem or not of.keep else f"{own.parent}/"
        stem = own.stem
        size = sample["width"], sample["height"]
        drawn = [shape_pixels(box, *size) for box in boxes]
        for folder, values in (
            ("SegmentationClass", [numbers[box["label"]] for box in boxes]),
            ("SegmentationObject", [min(at, MOST_OBJECTS) for at in range(1, len(boxes) + 1)]),
        ):
            whole = masks.painted(list(zip(values, drawn, strict=True)), size)
            png = masks.gray_png(whole, size, palette)
            yield Member(f"{beside}{folder}/{stem}.png", pieces=iter([png]))
    yield _text(voc_masks.LABEL_MAP, "\n".join(lines) + "\n")


def _coco(of: ImageSet) -> Iterator[Member]:
    yield from of.images()
    pieces = write.coco_parts(of.samples(), of.samples(), of.labels)
    yield Member(COCO_FILE, pieces=pieces)


def _ti(of: ImageSet) -> Iterator[Member]:
    yield from of.images()
    line = ocr.ocr_line if of.kind is DatasetKind.OCR else write.ti_line
    yield Member(ti.FILE_NAME, pieces=map(line, _labelled(of)))


def _ti_masks(of: ImageSet) -> Iterator[Member]:
    """Each image with a mask beside its shapes, for readers that want pixels."""
    yield from of.images()
    for number, sample in _masked(of):
        size = sample["width"], sample["height"]
        values = _mask_values(sample)
        drawn = [(values[box["label"]], shape_pixels(box, *size)) for box in sample["boxes"]]
        png = masks.gray_png(masks.painted(drawn, size), size)
        yield Member(_mask_name(number), pieces=iter([png]))
    yield Member(ti.FILE_NAME, pieces=_ti_lines(of))


def _ti_lines(of: ImageSet) -> Iterator[bytes]:
    for number, sample in of.samples():
        if sample.get("boxes") or not of.keep:
            values = _mask_values(sample)
            mask = {
                "path": _mask_name(number),
                "notes": {str(value): name for name, value in values.items()},
            }
            has_mask = 0 < len(values) < 256
            yield write.ti_line(
                {"boxes": (), **sample}, segmented=True, mask=mask if has_mask else None
            )


def _masked(of: ImageSet) -> Iterator[tuple[int, Sample]]:
    for number, sample in of.samples():
        if 0 < len(_mask_values(sample)) < 256:
            yield number, sample


def _mask_values(sample: Sample) -> dict[str, int]:
    names = dict.fromkeys(box["label"] for box in sample.get("boxes", ()))
    return {name: value for value, name in enumerate(names, 1)}


def _mask_name(number: int) -> str:
    return f"{TI_MASKS}/{number:07d}.png"


def _labelled(of: ImageSet) -> Iterator[Sample]:
    """What gets a line: of a version only what has labels, of an archive all."""
    part = "labels" if of.classified else "boxes"
    for _, sample in of.samples():
        if not of.keep or sample.get(part):
            yield {part: (), **sample}


def _yolo(of: ImageSet) -> Iterator[Member]:
    numbers = {name: number for number, name in enumerate(of.labels)}
    for _, sample in of.samples():
        image = sample["path"] if of.keep else f"images/{sample['path']}"
        yield Member(image, image=sample["path"])
        if sample.get("boxes") or not of.keep:
            yield _text(yolo.label_path(image), write.yolo_text(sample, numbers))
    yield _text("data.yaml", write.yolo_names(of.labels))


def _label_studio(of: ImageSet) -> Iterator[Member]:
    yield from of.images()
    tasks = (write_more.label_studio_task(number, sample) for number, sample in of.samples())
    yield Member(label_studio.FILE_NAME, pieces=_json_list(tasks))


def _cvat(of: ImageSet) -> Iterator[Member]:
    yield from of.images()
    yield Member(cvat.FILE_NAME, pieces=write_more.cvat_parts(of.samples(), of.labels))


def _manifest(of: ImageSet) -> Iterator[Member]:
    yield from of.images()
    numbers = {name: number for number, name in enumerate(of.labels)}
    lines = (
        write_more.manifest_line(sample, numbers, classified=of.classified)
        for _, sample in of.samples()
    )
    yield Member(augmented.FILE_NAME, pieces=lines)


def _text(name: str, text: str) -> Member:
    return Member(name, pieces=iter([text.encode()]))


def _json_list(values: Iterator[Mapping[str, Any]]) -> Iterator[bytes]:
    yield b"["
    for at, value in enumerate(values):
        yield (b",\n" if at else b"\n") + orjson.dumps(value)
    yield b"\n]\n"
