"""Clients that break off, lie or stop, a killed process, and requests that are not what they say."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tests.compat.s3.conftest import Endpoint
from tests.compat.s3.test_objects import refused


def wait(condition: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.02)
    return found


def put_url(endpoint: Endpoint, bucket: str, key: str) -> str:
    s3 = endpoint.s3(signature_version="s3v4")
    url: str = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key})
    return url


def begin_put(url: str, length: int, body: bytes) -> socket.socket:
    """A PUT that announces `length` bytes and has sent `body` so far."""
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname, parts.port or 80))
    head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
    connection.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode() + body)
    return connection


def temporary(endpoint: Endpoint) -> list[Path]:
    return list((endpoint.storage / ".tmp").iterdir())


def process_of(endpoint: Endpoint) -> psutil.Process:
    assert endpoint.platform.process is not None
    children = psutil.Process(endpoint.platform.process.pid).children()
    found = [child for child in children if "slipway.compat.s3" in child.cmdline()]
    assert len(found) == 1
    return found[0]


def test_a_client_that_breaks_off_leaves_nothing(endpoint: Endpoint, bucket: str) -> None:
    endpoint.s3().put_object(Bucket=bucket, Key="k", Body=b"before")
    with begin_put(put_url(endpoint, bucket, "k"), 10 << 20, os.urandom(3 << 20)):
        wait(lambda: temporary(endpoint))
    wait(lambda: not temporary(endpoint))
    assert (endpoint.storage / bucket / "k").read_bytes() == b"before"


def test_a_client_that_stops_sending_is_let_go(endpoint: Endpoint, bucket: str) -> None:
    with begin_put(put_url(endpoint, bucket, "k"), 10 << 20, os.urandom(2 << 20)) as slow:
        slow.settimeout(60)
        answer = b""
        while block := slow.recv(4096):  # until it is closed: the rest is not waited for
            answer += block
        assert b"RequestTimeout" in answer
    wait(lambda: not temporary(endpoint))
    assert not (endpoint.storage / bucket / "k").exists()


def test_a_client_that_stops_reading_is_let_go(endpoint: Endpoint, bucket: str) -> None:
    s3 = endpoint.s3(signature_version="s3v4")
    s3.put_object(Bucket=bucket, Key="large", Body=b"x" * (32 << 20))
    parts = urlsplit(
        s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "large"})
    )
    place, process = endpoint.storage / bucket / "large", process_of(endpoint)

    def held() -> bool:
        return any(file.path == str(place) for file in process.open_files())

    with socket.create_connection((parts.hostname, parts.port or 80)) as slow:
        slow.sendall(
            f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
        )
        wait(held)
        wait(lambda: not held())


def test_a_killed_process_leaves_no_half_object_and_comes_back(
    endpoint: Endpoint, bucket: str
) -> None:
    s3 = endpoint.s3()
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    first = s3.upload_part(
        Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"a" * (5 << 20)
    )
    killed = process_of(endpoint)
    with begin_put(put_url(endpoint, bucket, "k"), 10 << 20, os.urandom(3 << 20)):
        wait(lambda: temporary(endpoint))
        killed.send_signal(signal.SIGKILL)
        killed.wait(60)
    # The next request waits in the socket that the platform holds, and is answered.
    patient = endpoint.s3(read_timeout=120, connect_timeout=120)
    answers = wait(lambda: _answer(lambda: patient.get_object(Bucket=bucket, Key="k")))
    assert answers["Body"].read() == b"before"
    assert process_of(endpoint).pid != killed.pid
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [item["Key"] for item in listed] == ["k"]
    # Parts that had arrived are still there.
    last = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=2, Body=b"b")
    parts = [{"PartNumber": n, "ETag": p["ETag"]} for n, p in enumerate((first, last), 1)]
    s3.complete_multipart_upload(
        Bucket=bucket, Key="parts", UploadId=upload, MultipartUpload={"Parts": parts}
    )
    assert (endpoint.storage / bucket / "parts").read_bytes() == b"a" * (5 << 20) + b"b"
    for path in temporary(endpoint):  # as the platform does at its next start
        path.unlink()


def _answer(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except (EndpointConnectionError, ConnectionError):
        return None


def test_bodies_that_are_not_what_was_signed_are_refused(endpoint: Endpoint, bucket: str) -> None:
    s3 = endpoint.s3()

    def replace(name: str, value: str) -> Callable[..., None]:
        return lambda params, **_: params["headers"].update({name: value})

    for name, value, code in (
        ("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==", "BadDigest"),
        ("Content-MD5", "not an md5", "InvalidDigest"),
        ("x-amz-server-side-encryption", "AES256", "NotImplemented"),
        ("x-amz-storage-class", "GLACIER", "InvalidStorageClass"),
        ("x-amz-acl", "public-read", "NotImplemented"),
    ):
        changed = replace(name, value)
        s3.meta.events.register("before-call.s3.PutObject", changed)
        with pytest.raises(ClientError) as error:
            s3.put_object(Bucket=bucket, Key="k", Body=b"body")
        assert refused(error)[1] == code, name
        s3.meta.events.unregister("before-call.s3.PutObject", changed)

    def forge(request: Any, **_: Any) -> None:
        request.body = io.BytesIO(b"something other")  # as long as what was signed

    s3.meta.events.register("before-send.s3.PutObject", forge)
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"what was signed")
    assert refused(error)[1] in ("XAmzContentSHA256Mismatch", "BadDigest")
    assert list((endpoint.storage / bucket).iterdir()) == []
    assert temporary(endpoint) == []


@pytest.mark.covers("AST-08")
def test_presigned_addresses_open_one_thing_until_they_end(endpoint: Endpoint, bucket: str) -> None:
    s3 = endpoint.s3(signature_version="s3v4")
    s3.put_object(Bucket=bucket, Key="k", Body=b"shared")
    params = {"Bucket": bucket, "Key": "k"}
    url = s3.generate_presigned_url("get_object", Params=params, ExpiresIn=600)
    assert httpx.get(url).content == b"shared"
    for changed in (
        url.replace("/k?", "/other?"), url.replace("X-Amz-Expires=600", "X-Amz-Expires=6000"),
        url + "&x-id=more",
    ):  # fmt: skip
        assert "SignatureDoesNotMatch" in httpx.get(changed).text
    assert "SignatureDoesNotMatch" in httpx.delete(url).text
    gone = s3.generate_presigned_url("get_object", Params=params, ExpiresIn=1)
    wait(lambda: httpx.get(gone).status_code == 403)
    assert "AccessDenied" in httpx.get(f"{endpoint.url}/{bucket}/k").text
    put = httpx.put(put_url(endpoint, bucket, "new"), content=b"by address")
    assert put.headers["etag"] == f'"{hashlib.md5(b"by address").hexdigest()}"'


def test_share_links_open_one_file_until_they_are_taken_back(
    endpoint: Endpoint, bucket: str
) -> None:
    storage = endpoint.client.storage
    storage.write(f"{bucket}/dir/ü file.txt", b"for you")
    storage.write(f"{bucket}/dir/secret", b"not for you")
    link = storage.share(f"{bucket}/dir/ü file.txt", 600)
    assert httpx.get(link.url).content == b"for you"
    assert [known.url for known in storage.links(bucket)] == [link.url]
    for method, url in (
        ("GET", link.url.replace("%C3%BC%20file.txt", "secret")), ("PUT", link.url),
        ("DELETE", link.url), ("GET", link.url.replace("Expires=600", "Expires=60000")),
    ):  # fmt: skip
        assert httpx.request(method, url).status_code == 403
    storage.unshare(bucket, link.id)
    wait(lambda: httpx.get(link.url).status_code == 403)
    assert list(storage.links(bucket)) == []


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4-HMAC-SHA256 nonsense\r\n\r\n",
        b"GET /?X-Amz-Signature=1&X-Amz-Credential=a HTTP/1.1\r\nHost: x\r\n\r\n",
        b"NONSENSE\r\n\r\n",
    ],
)
def test_nonsense_is_refused_in_words(endpoint: Endpoint, raw: bytes) -> None:
    parts = urlsplit(endpoint.url)
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=60) as connection:
        connection.sendall(raw)
        assert connection.recv(4096).split()[1] in (b"400", b"403")
