"""Image helpers: what comes in from callers, and the exact rule of scale_fill_image."""

import base64
import http.server
import io
import threading

import numpy as np
import pytest
from mosec.errors import ValidationError
from PIL import Image

import tiinfer
import tiinfer.utils
from tiinfer import settings


@pytest.fixture
def png() -> bytes:
    """2 x 3 pixels, the first one red."""
    image = Image.new("RGB", (3, 2), (0, 0, 255))
    image.putpixel((0, 0), (255, 0, 0))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def model_dir(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "TI_MODEL_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def web(png):
    """A server of one image, of words and of a redirect."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/image.png")
                self.end_headers()
                return
            self.send_response(200 if self.path == "/image.png" else 404)
            self.end_headers()
            self.wfile.write(png)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def is_the_image(matrix: np.ndarray) -> bool:
    blue_first = matrix[0, 0].tolist() == [0, 0, 255] and matrix[1, 2].tolist() == [255, 0, 0]
    return matrix.shape == (2, 3, 3) and matrix.dtype == np.uint8 and blue_first


@pytest.mark.covers("INF-33")
def test_base64_with_and_without_prefix_and_as_bytes(png):
    text = base64.b64encode(png).decode()
    for data in (
        text,
        f"data:image/png;base64,{text}",
        text.encode(),
        text[:20] + "\n" + text[20:],
    ):
        assert is_the_image(tiinfer.utils.image_to_cv2_mat(data))


@pytest.mark.covers("INF-33")
def test_a_file_of_the_model_directory(png, model_dir):
    (model_dir / "a.png").write_bytes(png)
    assert is_the_image(tiinfer.utils.image_to_cv2_mat("a.png"))
    assert is_the_image(tiinfer.utils.image_to_cv2_mat(str(model_dir / "a.png")))


@pytest.mark.covers("INF-33")
def test_a_file_elsewhere_is_read_only_where_allowed(png, model_dir, tmp_path_factory, monkeypatch):
    other = tmp_path_factory.mktemp("other") / "a.png"
    other.write_bytes(png)
    (model_dir / "link.png").symlink_to(other)
    for path in (other, model_dir / "link.png"):
        with pytest.raises(ValidationError, match="outside the model directory"):
            tiinfer.utils.image_to_cv2_mat(str(path))
    monkeypatch.setenv("TIINFER_ALLOW_ANY_PATH", "1")
    assert is_the_image(tiinfer.utils.image_to_cv2_mat(str(other)))


@pytest.mark.covers("INF-33")
def test_private_addresses_are_fetched_only_where_allowed(web, monkeypatch):
    for url in (
        web + "/image.png",
        "http://169.254.169.254/x",
        "http://[::1]/",
        "http://localhost/",
    ):
        with pytest.raises(ValidationError, match="private network"):
            tiinfer.utils.image_to_cv2_mat(url)
    monkeypatch.setenv("TIINFER_ALLOW_PRIVATE_URLS", "1")
    assert is_the_image(tiinfer.utils.image_to_cv2_mat(web + "/image.png"))
    assert is_the_image(tiinfer.utils.image_to_cv2_mat(web + "/moved"))
    with pytest.raises(ValidationError, match="answered 404"):
        tiinfer.utils.image_to_cv2_mat(web + "/other")


@pytest.mark.covers("INF-33")
@pytest.mark.parametrize("data", ["", "no image", "aGVsbG8=", "http://", "httpx://a", None, 7])
def test_what_is_no_image_is_a_validation_error(data):
    with pytest.raises(ValidationError):
        tiinfer.utils.image_to_cv2_mat(data)


@pytest.mark.covers("INF-34")
def test_pil_images_and_the_base64_helpers(png):
    text = base64.b64encode(png)
    assert tiinfer.utils.image_to_pil_image(text).getpixel((0, 0)) == (255, 0, 0)
    assert tiinfer.utils.base64bytes_to_pil_image(text).size == (3, 2)
    assert is_the_image(tiinfer.utils.base64bytes_to_nparray(text))
    with pytest.raises(ValidationError):
        tiinfer.utils.image_to_pil_image("aGVsbG8=")


@pytest.mark.covers("INF-35")
@pytest.mark.parametrize(
    ("shape", "limits", "expected", "scale"),
    [
        ((1080, 1500), (1080, 1999, 800), (1080, 1500), 1.0),
        ((500, 1000), (1080, 1999, 800), (1000, 1999), 1.999),
        ((200, 1000), (1080, 1999, 800), (800, 1999), 1.999),
        ((1000, 200), (1080, 1999, 800), (1999, 800), 1.999),
        ((600, 400), (1080, 1999, 800), (1620, 1080), 2.7),
    ],
)
def test_scaling_and_padding_follow_the_table(shape, limits, expected, scale):
    image = np.full((*shape, 3), 9, dtype=np.uint8)
    result, factor = tiinfer.scale_fill_image(image, *limits)
    assert (result.shape, factor) == ((*expected, 3), scale)


@pytest.mark.covers("INF-35")
def test_padding_goes_to_the_chosen_sides_in_the_chosen_colour():
    image = np.full((10, 10, 3), 9, dtype=np.uint8)
    right, left = tiinfer.Horizontal.RIGHT, tiinfer.Horizontal.LEFT
    lower, upper = tiinfer.Vertical.LOWER, tiinfer.Vertical.UPPER
    sides = [(right, lower), (left, lower), (right, upper), (left, upper)]
    corners = [(0, 0), (0, 2), (2, 0), (2, 2)]
    for (horizontal, vertical), corner in zip(sides, corners, strict=True):
        padded = tiinfer.fill_image(image, 12, horizontal, vertical, 5)
        rows, columns = corner
        assert padded.shape == (12, 12, 3)
        assert (padded[rows : rows + 10, columns : columns + 10] == 9).all()
        assert (padded == 5).sum() == (144 - 100) * 3
    black, _ = tiinfer.scale_fill_image(image, 10, 20, 12)
    assert black[11, 11].tolist() == [0, 0, 0]


@pytest.mark.covers("INF-35")
def test_the_padding_limit_defaults_to_the_smallest_size():
    image = np.zeros((100, 1000, 3), dtype=np.uint8)
    result, _ = tiinfer.scale_fill_image(image, 500, 1000)
    assert result.shape == (500, 1000, 3)


@pytest.mark.covers("INF-35")
def test_impossible_limits_are_refused():
    image = np.zeros((4, 4, 3), dtype=np.uint8)
    with pytest.raises(TypeError):
        tiinfer.scale_fill_image([[1]], 1, 2)
    with pytest.raises(ValueError, match="min_size 3 is larger"):
        tiinfer.scale_fill_image(image, 3, 2)
    with pytest.raises(ValueError, match="padding_limit 5 is larger"):
        tiinfer.scale_fill_image(image, 1, 4, 5)
