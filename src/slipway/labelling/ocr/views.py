"""What the API says about OCR labelling."""

from __future__ import annotations

from pydantic import BaseModel, Field

from slipway.base.forms import Form
from slipway.data.formats.ocr_fields import BoxRole, Described, Meaning
from slipway.data.types import OcrType
from slipway.labelling.ocr.recognition import OcrService, Reading, recognition_blocked
from slipway.labelling.types import Task


class LabelOcrView(BaseModel):
    type: OcrType
    service_id: str | None
    blocked: str | None = Field(description="Why nothing can read texts, or null.")

    @classmethod
    def of(cls, task: Task) -> LabelOcrView | None:
        if task.ocr is None:
            return None
        return cls(
            type=task.ocr.type, service_id=task.ocr.service_id,
            blocked=recognition_blocked(task.ocr),
        )  # fmt: skip


class OcrBoxForm(Form):
    id: int = Field(ge=1)
    text: str = ""
    descriptor: str = ""


class OcrCheckForm(Form):
    type: OcrType = OcrType.STRUCTURED
    boxes: list[OcrBoxForm] = Field(max_length=2000)

    def to_described(self) -> list[Described]:
        return [Described(box.id, box.text, box.descriptor) for box in self.boxes]


class OcrProblemView(BaseModel):
    id: int
    column: int
    message: str
    blocking: bool = Field(description="Whether the image cannot be saved like this.")


class OcrBoxView(BaseModel):
    id: int
    role: BoxRole
    descriptor: str | None = Field(description="In the stored form; null: it cannot be read.")


class OcrPairView(BaseModel):
    """Boxes of the key, and of its value; several where a field is joined of pieces."""

    key: list[int]
    value: list[int]


class OcrFieldView(BaseModel):
    keys: list[str]
    values: list[str]
    key_ids: list[int] = Field(description="0: the key is not printed.")
    value_ids: list[int]


class OcrMeaningView(BaseModel):
    """What the descriptors of one image say together."""

    problems: list[OcrProblemView]
    boxes: list[OcrBoxView]
    pairs: list[OcrPairView]
    joins: list[list[int]]
    fields: list[OcrFieldView]

    @classmethod
    def of(cls, meaning: Meaning) -> OcrMeaningView:
        read = meaning.descriptors
        return cls(
            problems=[
                OcrProblemView(id=p.fid, column=p.column, message=p.message, blocking=p.is_blocking)
                for p in meaning.problems
            ],
            boxes=[
                OcrBoxView(id=fid, role=role, descriptor=str(read[fid]) if fid in read else None)
                for fid, role in meaning.roles.items()
            ],
            pairs=[OcrPairView(key=list(p.key), value=list(p.value)) for p in meaning.pairs],
            joins=[list(join) for join in meaning.joins],
            fields=[
                OcrFieldView(
                    keys=list(f.keys), values=list(f.values), key_ids=list(f.key_fids),
                    value_ids=list(f.value_fids),
                )
                for f in meaning.fields
            ],
        )  # fmt: skip


class OcrServiceView(BaseModel):
    id: str
    name: str


class OcrEnginesView(BaseModel):
    built_in: bool = Field(description="Whether the built-in engine is installed.")
    services: list[OcrServiceView]

    @classmethod
    def of(cls, built_in: bool, services: list[OcrService]) -> OcrEnginesView:
        found = [OcrServiceView(id=one.id, name=one.name) for one in services]
        return cls(built_in=built_in, services=found)


class OcrReadForm(Form):
    points: list[float] | None = Field(
        None, description="Flat x, y of one outline; left out: the whole image.", max_length=200
    )


class OcrReadingView(BaseModel):
    points: list[float]
    text: str
    confidence: float | None


class OcrReadingList(BaseModel):
    items: list[OcrReadingView]

    @classmethod
    def of(cls, found: list[Reading]) -> OcrReadingList:
        return cls(
            items=[
                OcrReadingView(points=list(r.points), text=r.text, confidence=r.confidence)
                for r in found
            ]
        )
