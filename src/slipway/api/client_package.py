"""The platform hands out its own Python package: SDK and CLI of exactly its version, offline (GWY-107).

pip install http://host:8700/api/v1/client/slipway-0.1.0-py3-none-any.whl
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from fastapi import APIRouter, Response

from slipway import __version__
from slipway.base.errors import NotFound
from slipway.iam.http import anyone

router = APIRouter(tags=["System"])

WHEEL = f"slipway-{__version__}-py3-none-any.whl"
_PACKAGES = Path(__file__).parents[2]
_KEPT = {".py", ".typed", ".json", ".ini", ".mako"}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # equal files, equal wheel


@router.get(
    "/client/{filename}",
    response_class=Response,
    dependencies=[anyone("pip does not sign in, and there is no secret in it")],
)
async def download_client(filename: str) -> Response:
    """The Python package with SDK and CLI, as a wheel for pip."""
    if filename != WHEEL:
        raise NotFound(f"There is no package {filename}; this platform hands out {WHEEL}.")
    content = await asyncio.to_thread(wheel)
    headers = {"content-disposition": f'attachment; filename="{WHEEL}"'}
    return Response(content, media_type="application/zip", headers=headers)


@lru_cache(maxsize=1)
def wheel() -> bytes:
    """A pure Python wheel of what this platform runs, without the console's files."""
    out = io.BytesIO()
    record = []
    info = f"slipway-{__version__}.dist-info"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, content: bytes) -> None:
            archive.writestr(_entry(name), content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            record.append(f"{name},sha256={digest.decode()},{len(content)}")

        for path in _files():
            put(path.relative_to(_PACKAGES).as_posix(), path.read_bytes())
        put(f"{info}/METADATA", _metadata().encode())
        put(f"{info}/entry_points.txt", b"[console_scripts]\nslipway = slipway.cli.main:run\n")
        put(f"{info}/WHEEL", b"Wheel-Version: 1.0\nGenerator: slipway\nRoot-Is-Purelib: true\nTag: py3-none-any\n")  # fmt: skip
        record.append(f"{info}/RECORD,,")
        archive.writestr(_entry(f"{info}/RECORD"), "\n".join(record) + "\n")
    return out.getvalue()


def _files() -> Iterator[Path]:
    for package in ("slipway", "tiinfer"):
        for path in sorted((_PACKAGES / package).rglob("*")):
            inside = path.relative_to(_PACKAGES).parts
            if path.suffix in _KEPT and "__pycache__" not in inside and "console" not in inside:
                yield path


def _metadata() -> str:
    """As the package was installed with."""
    try:
        found = distribution("slipway").read_text("METADATA")
    except PackageNotFoundError:
        found = None
    plain = {"Metadata-Version": "2.1", "Name": "slipway", "Version": __version__}
    return found or "".join(f"{name}: {value}\n" for name, value in plain.items())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
