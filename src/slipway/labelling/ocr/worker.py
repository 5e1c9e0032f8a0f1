"""`python -m slipway.labelling.ocr.worker`: images in, texts out, a JSON line each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson

from slipway.labelling.ocr.pictures import straightened

_TALL = (
    1.5  # an outline this much higher than wide holds a text from top to bottom, lying on its side
)


def main() -> None:
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # libraries talk; the answers are ours
    engine: Any = None
    for line in sys.stdin.buffer:
        question = orjson.loads(line)
        try:
            if engine is None:
                engine = _engine()
            answer: dict[str, Any] = {"found": _found(engine, question)}
        except Exception as error:  # noqa: BLE001  the top of a process: said, not hidden
            answer = {"error": f"{type(error).__name__}: {error}"[:500]}
        out.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
        out.flush()


def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "error"})


def _found(engine: Any, question: dict[str, Any]) -> list[dict[str, Any]]:
    import numpy

    path, points = Path(question["image"]), question["points"]
    if points is None:
        return _readings(engine(str(path)))
    picture = straightened(path, points)
    if picture.height > _TALL * picture.width:
        whole = _readings(engine(numpy.asarray(picture)))
        if whole:
            return whole
        picture = picture.rotate(90, expand=True)
    # One line of text needs no search for where it is.
    found = engine(numpy.asarray(picture)[:, :, ::-1], use_det=False, use_cls=True, use_rec=True)
    texts, scores = found.txts or (), found.scores or ()
    one = [
        {"points": points, "text": text, "confidence": float(score)}
        for text, score in zip(texts, scores, strict=True)
        if text
    ]
    return one or _readings(engine(numpy.asarray(picture)[:, :, ::-1]))


def _readings(found: Any) -> list[dict[str, Any]]:
    # Where there is no text its answer is of another type, without boxes.
    if getattr(found, "boxes", None) is None or not found.txts:
        return []
    return [
        {
            "points": [float(n) for point in box for n in point], "text": text,
            "confidence": float(score),
        }
        for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
    ]  # fmt: skip


if __name__ == "__main__":
    main()
