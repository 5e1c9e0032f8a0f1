"""The instance entry: requirements first, then the server."""

import base64
import hashlib
import importlib.metadata
import sys
import zipfile
from pathlib import Path

import pytest

from slipway.runtime.serve.requirements import missing_requirements

from .servers import free_port, running

MODEL = """
import tiinfer
class M(tiinfer.Model):
    def predict(self, request):
        return request
"""


def write_wheel(folder: Path, name: str, version: str, source: str) -> str:
    """A real wheel with one module, so that pip has something to install without a network."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": source,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = ""
    file = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
            record += f"{path},sha256={digest.rstrip('=')},{len(text)}\n"
        wheel.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\n")
    return file.name


@pytest.fixture
def package(tmp_path):
    directory = tmp_path / "package"
    directory.mkdir()
    (directory / "model_service.py").write_text(MODEL)
    return directory


def entry(package: Path, tmp_path: Path, port: int):
    arguments = ["-m", "slipway.runtime.serve.package", "--model-dir", str(package)]
    arguments += ["--port", str(port), "--packages-dir", str(tmp_path / "environments")]
    return running(arguments, port, tmp_path)


@pytest.mark.covers("INF-02", "INF-03")
def test_a_package_without_requirements_is_served_from_its_directory(package, tmp_path):
    with entry(package, tmp_path, free_port()) as server:
        assert server.wait_ready().predict([1]).json() == [1]
        assert f"TI_MODEL_DIR={package}" in server.output()
    assert not (tmp_path / "environments").exists()


@pytest.mark.covers("INF-03")
def test_missing_requirements_are_installed_beside_the_platform_and_kept(package, tmp_path):
    wheel = write_wheel(package / "wheels", "slipway_test_extra", "1.0", "VALUE = 42\n")
    numpy = importlib.metadata.version("numpy")
    (package / "requirements.txt").write_text(f"numpy=={numpy}\n./wheels/{wheel}\n")
    (package / "model_service.py").write_text(
        "import numpy, slipway_test_extra, sys, tiinfer\n"
        "class M(tiinfer.Model):\n"
        "    def predict(self, request):\n"
        "        return [slipway_test_extra.VALUE, numpy.__version__, sys.prefix]\n"
    )
    for start in ("first", "second"):
        with entry(package, tmp_path, free_port()) as server:
            value, version, prefix = server.wait_ready().predict({}).json()
            installed = "Successfully installed slipway-test-extra" in server.output().replace(
                "_", "-"
            )
        assert (value, version) == (42, numpy)
        assert Path(prefix).is_relative_to(tmp_path / "environments")
        assert installed == (start == "first")
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("slipway_test_extra")  # the platform's own is as it was
    packages = list((tmp_path / "environments").glob("*/lib/*/site-packages/*.dist-info"))
    assert [path.name for path in packages] == ["slipway_test_extra-1.0.dist-info"]


@pytest.mark.covers("INF-03")
def test_a_failed_installation_ends_with_pips_words(package, tmp_path):
    (package / "requirements.txt").write_text("--no-index\nslipway-no-such-package==1\n")
    with entry(package, tmp_path, free_port()) as server:
        assert server.wait_exit() == 1
    assert "No matching distribution found for slipway-no-such-package==1" in server.output()
    assert "requirements.txt failed (pip ended with status 1)" in server.output()
    assert not list((tmp_path / "environments").glob("*/bin"))


def test_a_directory_without_model_service_is_explained(tmp_path):
    with entry(tmp_path, tmp_path, free_port()) as server:
        assert server.wait_exit() == 1
    assert f"model_service.py not found in {tmp_path}: " in server.output()


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", []),
        ("# words\n\nnumpy  # for arrays\nhttpx>=0.1\n", []),
        ("numpy<0.1", ["numpy<0.1"]),
        ("nothing-such; python_version < '3'", []),
        ("nothing-such>=1", ["nothing-such>=1"]),
        ("-r more.txt", ["-r more.txt"]),
        ("httpx[http2]", ["httpx[http2]"]),
        ("numpy >= \\\n 1.0", []),
        ("./local.whl", ["./local.whl"]),
    ],
)
def test_what_is_missing_is_told_without_pip(text, missing):
    assert missing_requirements(text) == missing


def test_environments_are_not_run_from_a_folder_that_others_can_write_to(package, tmp_path):
    shared = tmp_path / "environments"
    shared.mkdir()
    shared.chmod(0o777)
    (package / "requirements.txt").write_text("slipway-no-such-package\n")
    with entry(package, tmp_path, free_port()) as server:
        assert server.wait_exit() == 1
    assert "is not a folder that only this user can write to" in server.output()
    assert sys.prefix not in server.output()
