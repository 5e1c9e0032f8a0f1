"""A PMML regression, written by hand: no code is needed to serve it."""

from __future__ import annotations

import json
from pathlib import Path

_PMML = """<?xml version="1.0"?>
<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4">
  <Header description="y = 1 + 2 a - 3 b"/>
  <DataDictionary numberOfFields="3">
    <DataField name="a" optype="continuous" dataType="double"/>
    <DataField name="b" optype="continuous" dataType="double"/>
    <DataField name="y" optype="continuous" dataType="double"/>
  </DataDictionary>
  <RegressionModel functionName="regression" targetFieldName="y">
    <MiningSchema>
      <MiningField name="a"/><MiningField name="b"/><MiningField name="y" usageType="target"/>
    </MiningSchema>
    <RegressionTable intercept="1">
      <NumericPredictor name="a" coefficient="2"/>
      <NumericPredictor name="b" coefficient="-3"/>
    </RegressionTable>
  </RegressionModel>
</PMML>
"""


def write_demo(directory: Path) -> None:
    (directory / "model.pmml").write_text(_PMML)
    for name, content in (
        ("test.json", {"a": 2.0, "b": 0.5}), ("expected.json", {"predicted_y": [3.5]}),
    ):  # fmt: skip
        (directory / name).write_text(json.dumps(content, indent=2) + "\n")
