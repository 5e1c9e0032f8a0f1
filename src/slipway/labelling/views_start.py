"""What the API says about starting: the schema of a dataset, and labelling it in place."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from slipway.base.forms import Form
from slipway.labelling.schema.loop import progress
from slipway.labelling.types import DatasetSchema, SchemaState, WriteMode


class LabelStartForm(Form):
    dataset_id: str
    mode: WriteMode = Field(
        WriteMode.IN_PLACE,
        description="in_place: each result goes into the dataset's own file at once. "
        "safe: results stay apart until they are published.",
    )


class LabelFilesForm(Form):
    over: bool = Field(False, description="Also where somebody else has changed the files.")


class DatasetSchemaForm(Form):
    text: str = Field(description="YAML.")


class LabelProblemView(BaseModel):
    file: str | None
    line: int | None
    message: str


class DatasetSchemaView(BaseModel):
    dataset_id: str
    text: str
    state: SchemaState
    percent: int = Field(description="Of the records that have been looked at.")
    version: int = Field(description="Of the dataset, whose records these are.")
    record_count: int = Field(description="Records that fit.")
    problem_count: int
    problems: list[LabelProblemView] = Field(description="The first hundred.")
    reason: str | None
    updated_at: datetime

    @classmethod
    def of(cls, schema: DatasetSchema) -> DatasetSchemaView:
        running = progress.get(schema.dataset_id, 0)
        return cls(
            dataset_id=schema.dataset_id, text=schema.text, state=schema.state,
            percent=running if schema.state is SchemaState.PARSING else 100,
            version=schema.version, record_count=schema.record_count,
            problem_count=schema.problem_count,
            problems=[
                LabelProblemView(file=one.file, line=one.line, message=one.message)
                for one in schema.problems
            ],
            reason=schema.reason, updated_at=schema.updated_at,
        )  # fmt: skip


class DatasetSchemaList(BaseModel):
    items: list[DatasetSchemaView]
