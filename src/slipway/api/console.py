"""Serves the built console at `/`: hashed assets for ever, the page itself always fresh."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

_NOT_BUILT = """<!doctype html><title>Slipway</title>
<p style="font: 16px system-ui; margin: 4rem auto; max-width: 40rem">The platform runs, but its console
has not been built. In a source checkout run <code>make console</code> and reload. The API is described
at <a href="/api/v1/docs">/api/v1/docs</a>.</p>"""


def find_console() -> Path | None:
    """The packaged build, or the checkout's own."""
    packaged = Path(__file__).parent / "console"
    checkout = Path(__file__).parents[3] / "console" / "dist"
    return next((d for d in (packaged, checkout) if (d / "index.html").exists()), None)


def mount_console(app: FastAPI) -> None:
    root = find_console()
    if root is not None and (root / "assets").is_dir():
        app.mount("/assets", GZipMiddleware(_Forever(directory=root / "assets")), name="assets")

    @app.get("/{path:path}", include_in_schema=False)
    async def page(path: str, request: Request) -> Response:
        if path.startswith(("api/", "internal/")):
            raise HTTPException(404, f"There is no {request.url.path}.")
        if root is None:
            return HTMLResponse(_NOT_BUILT, 503)
        file = (root / path).resolve()
        if path and file.is_file() and file.is_relative_to(root.resolve()):
            return FileResponse(file)
        return FileResponse(root / "index.html", headers={"Cache-Control": "no-cache"})


class _Forever(StaticFiles):
    async def get_response(self, path: str, scope: object) -> Response:
        response = await super().get_response(path, scope)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
