import textwrap
from pathlib import Path

import pytest

from .servers import free_port, running


@pytest.fixture
def serve(tmp_path: Path):
    """Start `python -m tiinfer` on the given model_service.py and options."""
    import contextlib

    with contextlib.ExitStack() as stack:

        def start(source: str, *options: str, env: dict[str, str] | None = None):
            package = tmp_path / "package"
            package.mkdir(exist_ok=True)
            (package / "model_service.py").write_text(textwrap.dedent(source))
            port = free_port()
            arguments = ["-m", "tiinfer", "--address", "127.0.0.1", *options]
            variables = {"TI_MODEL_DIR": str(package), "REST_PORT": str(port), **(env or {})}
            return stack.enter_context(running(arguments, port, tmp_path, variables))

        yield start
