"""The endpoint through other people's clients, each as its own users run it.

obstore and s5cmd come with the development packages; the AWS command line, rclone, s3cmd and s3fs
(whose releases each demand their own botocore) are tried where they are installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compat.s3.conftest import Endpoint

_PLACES = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def program(name: str) -> str:
    found = shutil.which(name, path=_PLACES)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(endpoint: Endpoint, *words: str) -> str:
    environment = {"PATH": _PLACES, "HOME": "/nonexistent", **endpoint.environment()}
    done = subprocess.run(
        words, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders, odd names, an empty file, and one large enough to come in parts."""
    root = tmp_path_factory.mktemp("tree")
    files = {
        "a.txt": b"alpha", "deep/er/b.json": b"{}", "deep/空 格+&.txt": "文".encode(),
        "empty": b"", "large.bin": os.urandom(20 << 20),
    }  # fmt: skip
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def content_of(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.mark.covers("AST-08")
def test_aws_command_line(endpoint: Endpoint, bucket: str, tree: Path, tmp_path: Path) -> None:
    aws = program("aws")
    run(endpoint, aws, "s3", "sync", str(tree), f"s3://{bucket}/tree")
    assert content_of(endpoint.storage / bucket / "tree") == content_of(tree)
    assert run(endpoint, aws, "s3", "sync", str(tree), f"s3://{bucket}/tree").strip() == ""
    run(endpoint, aws, "s3", "sync", f"s3://{bucket}/tree", str(tmp_path / "back"))
    assert content_of(tmp_path / "back") == content_of(tree)
    assert "a.txt" in run(endpoint, aws, "s3", "ls", f"s3://{bucket}/tree/")
    run(endpoint, aws, "s3", "mv", f"s3://{bucket}/tree/large.bin", f"s3://{bucket}/moved.bin")
    assert (endpoint.storage / bucket / "moved.bin").stat().st_size == 20 << 20
    run(endpoint, aws, "s3", "rm", "--recursive", f"s3://{bucket}/")
    assert list((endpoint.storage / bucket).iterdir()) == []


@pytest.mark.covers("AST-08")
def test_s5cmd(endpoint: Endpoint, bucket: str, tree: Path, tmp_path: Path) -> None:
    s5cmd = program("s5cmd")
    run(endpoint, s5cmd, "sync", f"{tree}/", f"s3://{bucket}/tree/")
    assert content_of(endpoint.storage / bucket / "tree") == content_of(tree)
    run(endpoint, s5cmd, "cp", f"s3://{bucket}/tree/*", f"{tmp_path}/back/")
    assert content_of(tmp_path / "back") == content_of(tree)
    run(endpoint, s5cmd, "cp", f"s3://{bucket}/tree/large.bin", f"s3://{bucket}/copy.bin")
    assert "copy.bin" in run(endpoint, s5cmd, "ls", f"s3://{bucket}/")
    run(endpoint, s5cmd, "rm", f"s3://{bucket}/*")
    assert list((endpoint.storage / bucket).iterdir()) == []


def test_rclone(endpoint: Endpoint, bucket: str, tree: Path, tmp_path: Path) -> None:
    rclone = program("rclone")
    remote = f':s3,provider=Other,env_auth=true,endpoint="{endpoint.url}":{bucket}'
    run(endpoint, rclone, "copy", str(tree), f"{remote}/tree", "--s3-upload-cutoff", "8M")
    assert content_of(endpoint.storage / bucket / "tree") == content_of(tree)
    run(endpoint, rclone, "check", str(tree), f"{remote}/tree")  # by MD5
    run(endpoint, rclone, "copy", f"{remote}/tree", str(tmp_path / "back"))
    assert content_of(tmp_path / "back") == content_of(tree)
    run(endpoint, rclone, "purge", f"{remote}/tree")
    assert list((endpoint.storage / bucket).iterdir()) == []


def test_s3cmd(endpoint: Endpoint, bucket: str, tree: Path, tmp_path: Path) -> None:
    s3cmd = program("s3cmd")
    host = endpoint.url.removeprefix("http://")
    options = ("--no-ssl", f"--host={host}", f"--host-bucket={host}", "--region=us-east-1",
               f"--access_key={endpoint.key[0]}", f"--secret_key={endpoint.key[1]}", "--config=/dev/null")  # fmt: skip
    run(endpoint, s3cmd, *options, "sync", f"{tree}/", f"s3://{bucket}/tree/")
    assert content_of(endpoint.storage / bucket / "tree") == content_of(tree)
    (tmp_path / "back").mkdir()
    run(endpoint, s3cmd, *options, "sync", f"s3://{bucket}/tree/", f"{tmp_path}/back/")
    assert content_of(tmp_path / "back") == content_of(tree)
    run(endpoint, s3cmd, *options, "del", "--recursive", "--force", f"s3://{bucket}/")


def test_obstore(endpoint: Endpoint, bucket: str) -> None:
    import obstore
    from obstore.store import S3Store

    store = S3Store(
        bucket, endpoint=endpoint.url, access_key_id=endpoint.key[0],
        secret_access_key=endpoint.key[1], region="us-east-1",
        client_options={"allow_http": True},
    )  # fmt: skip
    body = os.urandom(12 << 20)
    obstore.put(store, "dir/large", body, chunk_size=5 << 20, max_concurrency=3)
    obstore.put(store, "dir/small", b"0123456789")
    assert (endpoint.storage / bucket / "dir" / "large").read_bytes() == body
    assert bytes(obstore.get(store, "dir/large").bytes()) == body
    assert bytes(obstore.get_range(store, "dir/small", start=2, length=3)) == b"234"
    listed = [item["path"] for page in obstore.list(store) for item in page]
    assert sorted(listed) == ["dir/large", "dir/small"]
    obstore.copy(store, "dir/small", "copy")
    obstore.rename(store, "copy", "renamed")
    assert bytes(obstore.get(store, "renamed").bytes()) == b"0123456789"
    obstore.delete(store, ["dir/large", "dir/small", "renamed"])
    assert list((endpoint.storage / bucket).iterdir()) == []


def test_s3fs(endpoint: Endpoint, bucket: str) -> None:
    s3fs = pytest.importorskip("s3fs")
    fs = s3fs.S3FileSystem(
        key=endpoint.key[0], secret=endpoint.key[1], endpoint_url=endpoint.url,
        client_kwargs={"region_name": "us-east-1"},
    )  # fmt: skip
    with fs.open(f"{bucket}/dir/f", "wb", block_size=5 << 20) as file:
        for _ in range(12):
            file.write(os.urandom(1 << 20))
    assert fs.info(f"{bucket}/dir/f")["size"] == 12 << 20
    with fs.open(f"{bucket}/dir/f") as file:
        file.seek(7 << 20)
        assert file.read(3) == (endpoint.storage / bucket / "dir" / "f").read_bytes()[7 << 20 :][:3]
    assert fs.ls(bucket) == [f"{bucket}/dir"]
    fs.mv(f"{bucket}/dir/f", f"{bucket}/g")
    fs.rm(bucket + "/g")
    assert not fs.exists(f"{bucket}/g")
