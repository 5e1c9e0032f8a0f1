"""The ways images carry labels, behind one small interface."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from slipway.data.errors import Findings
from slipway.data.formats.augmented import ManifestLabels
from slipway.data.formats.coco import CocoLabels
from slipway.data.formats.cvat import CvatLabels
from slipway.data.formats.label_studio import LabelStudioLabels
from slipway.data.formats.ti import TiLabels
from slipway.data.formats.voc import VocLabels
from slipway.data.formats.voc_masks import VocMasks
from slipway.data.formats.yolo import YoloLabels
from slipway.data.types import ImageLabels, LabelFormat


class LabelSource(Protocol):
    def labels_of(self, path: str, width: int, height: int) -> ImageLabels:
        """The labels of the image at `path`, whose size is known by now."""
        ...

    def finish(self) -> None:
        """Report what belongs to no image."""
        ...

    def used(self) -> set[str]:
        """The files that hold the labels; masks among them are no samples."""
        ...


class NoLabels:
    def labels_of(self, path: str, width: int, height: int) -> ImageLabels:
        return ImageLabels()

    def finish(self) -> None:
        return None

    def used(self) -> set[str]:
        return set()


class FolderLabels(NoLabels):
    """The first folder names the class; an image in no folder is unlabelled."""

    def labels_of(self, path: str, width: int, height: int) -> ImageLabels:
        folder, slash, _ = path.partition("/")
        return ImageLabels(names=(folder,)) if slash else ImageLabels()


def open_labels(
    label_format: LabelFormat,
    files: Path,
    paths: Sequence[str],
    findings: Findings,
    *,
    segmented: bool = False,
) -> LabelSource:
    match label_format:
        case LabelFormat.FOLDER:
            return FolderLabels()
        case LabelFormat.VOC:
            return (VocMasks if segmented else VocLabels)(files, paths, findings)
        case LabelFormat.COCO:
            return CocoLabels(files, paths, findings)
        case LabelFormat.TI:
            return TiLabels(files, paths, findings)
        case LabelFormat.YOLO:
            return YoloLabels(files, paths, findings)
        case LabelFormat.LABEL_STUDIO:
            return LabelStudioLabels(files, paths, findings)
        case LabelFormat.CVAT:
            return CvatLabels(files, paths, findings)
        case LabelFormat.MANIFEST:
            return ManifestLabels(files, paths, findings)
        case LabelFormat.NONE:
            return NoLabels()
