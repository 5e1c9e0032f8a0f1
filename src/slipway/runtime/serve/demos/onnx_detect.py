"""An ONNX detector: how bright each cell of eight pixels is; what is bright is a box."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from slipway.runtime.serve.demos import picture, write_files

_SERVICE = """
import os

import onnxruntime
import tiinfer
from tiinfer.utils import image_to_cv2_mat

CELL = 8


class Demo(tiinfer.Model):
    def load(self):
        file = os.path.join(self.model_dir, "model", "model.onnx")
        self.session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        return True

    def preprocess(self, request):
        image = image_to_cv2_mat(request["image"]).astype("float32").mean(2) / 255
        return image[None, None]

    def predict(self, request):
        (scores,) = self.session.run(["scores"], {"image": request})
        return scores[0, 0]

    def postprocess(self, request):
        rows, columns = (request > 0.5).nonzero()
        if len(rows) == 0:
            return {"boxes": []}
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        return {"boxes": [[int(side) * CELL for side in box]]}
"""


def write_detect(directory: Path) -> None:
    image = np.zeros((64, 96), np.uint8)
    image[16:40, 24:72] = 255
    model = write_files(
        directory, service=_SERVICE, request={"image": picture(image)},
        expected={"boxes": [[24, 16, 72, 40]]},
    )  # fmt: skip
    pool = helper.make_node(
        "AveragePool", ["image"], ["scores"], kernel_shape=[8, 8], strides=[8, 8]
    )
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        [pool], "brightness",
        [tensor("image", TensorProto.FLOAT, [1, 1, "height", "width"])],
        [tensor("scores", TensorProto.FLOAT, [1, 1, "rows", "columns"])],
    )  # fmt: skip
    whole = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(whole, model / "model.onnx")
