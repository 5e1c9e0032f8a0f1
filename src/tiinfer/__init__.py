"""A model server with the names and behaviour of the published `tiinfer` package.

A model package is a directory with `model_service.py`. `python3 -m tiinfer` turns it into
an HTTP service at `POST /v1/models/m:predict`, with mosec's processes underneath.

    class Adder(tiinfer.Model):
        def predict(self, request):
            return {"result": request["a"] + request["b"]}

or, stage by stage, `mosec.Worker` classes handed to `tiinfer.append_worker`.
"""

from tiinfer.model import Model
from tiinfer.scaling import Horizontal, Vertical, fill_image, scale_fill_image, scale_image
from tiinfer.settings import (
    TI_MODEL_DIR,
    get_ti_inference_max_batch_size,
    get_ti_inference_nums,
    get_ti_model_dir,
    get_ti_postprocess_nums,
    get_ti_preprocess_nums,
    set_ti_inference_max_batch_size,
    set_ti_inference_nums,
    set_ti_postprocess_nums,
    set_ti_preprocess_nums,
)
from tiinfer.stages import append_worker

__all__ = [
    "TI_MODEL_DIR",
    "Horizontal",
    "Model",
    "Vertical",
    "append_worker",
    "fill_image",
    "get_ti_inference_max_batch_size",
    "get_ti_inference_nums",
    "get_ti_model_dir",
    "get_ti_postprocess_nums",
    "get_ti_preprocess_nums",
    "scale_fill_image",
    "scale_image",
    "set_ti_inference_max_batch_size",
    "set_ti_inference_nums",
    "set_ti_postprocess_nums",
    "set_ti_preprocess_nums",
]
