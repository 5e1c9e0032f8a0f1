"""Image helpers under the name that model packages import them by."""

from tiinfer.images import (
    base64bytes_to_nparray,
    base64bytes_to_pil_image,
    image_to_cv2_mat,
    image_to_pil_image,
)
from tiinfer.scaling import Horizontal, Vertical, fill_image, scale_fill_image, scale_image

__all__ = [
    "Horizontal",
    "Vertical",
    "base64bytes_to_nparray",
    "base64bytes_to_pil_image",
    "fill_image",
    "image_to_cv2_mat",
    "image_to_pil_image",
    "scale_fill_image",
    "scale_image",
]
