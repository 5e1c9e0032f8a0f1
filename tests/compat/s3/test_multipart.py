"""Objects that arrive in parts."""

from __future__ import annotations

import hashlib
import io
import os
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from tests.compat.s3.conftest import Endpoint
from tests.compat.s3.test_objects import refused

PART = 5 << 20


def put_parts(s3: Any, bucket: str, key: str, upload: str, *bodies: bytes) -> list[dict[str, Any]]:
    return [
        {"PartNumber": number, "ETag": s3.upload_part(
            Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=body)["ETag"]}
        for number, body in enumerate(bodies, 1)
    ]  # fmt: skip


def left_of_uploads(endpoint: Endpoint, bucket: str) -> list[str]:
    folder = endpoint.storage / ".parts" / bucket
    return [path.name for path in folder.iterdir()] if folder.exists() else []


@pytest.mark.covers("AST-08")
def test_a_large_upload_comes_in_parts_and_reads_back(endpoint: Endpoint, bucket: str) -> None:
    s3, body = endpoint.s3(), os.urandom(23 << 20)
    config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)
    s3.upload_fileobj(
        io.BytesIO(body), bucket, "large", Config=config,
        ExtraArgs={"Metadata": {"m": "v"}, "ContentType": "application/x-mine"},
    )  # fmt: skip
    assert (endpoint.storage / bucket / "large").read_bytes() == body
    head = s3.head_object(Bucket=bucket, Key="large")
    pieces = [body[at : at + PART] for at in range(0, len(body), PART)]
    whole = hashlib.md5(b"".join(hashlib.md5(piece).digest() for piece in pieces)).hexdigest()
    assert head["ETag"] == f'"{whole}-5"'
    assert (head["Metadata"], head["ContentType"]) == ({"m": "v"}, "application/x-mine")
    back = io.BytesIO()
    s3.download_fileobj(bucket, "large", back, Config=config)
    assert back.getvalue() == body
    part = s3.get_object(Bucket=bucket, Key="large", PartNumber=5)
    assert (part["Body"].read(), part["PartsCount"]) == (pieces[4], 5)
    assert left_of_uploads(endpoint, bucket) == []


def test_parts_are_listed_replaced_and_forgotten(endpoint: Endpoint, bucket: str) -> None:
    s3 = endpoint.s3()
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    put_parts(s3, bucket, "k", upload, b"a" * PART, b"b")
    put_parts(s3, bucket, "k", upload, b"c" * PART)
    parts = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)["Parts"]
    assert [(p["PartNumber"], p["Size"]) for p in parts] == [(1, PART), (2, 1)]
    page = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload, MaxParts=1)
    assert (page["IsTruncated"], page["NextPartNumberMarker"]) == (True, 1)
    assert [u["UploadId"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    assert left_of_uploads(endpoint, bucket) == []
    with pytest.raises(ClientError) as error:
        put_parts(s3, bucket, "k", upload, b"late")
    assert refused(error) == (404, "NoSuchUpload")


def test_what_cannot_be_completed_is_refused(endpoint: Endpoint, bucket: str) -> None:
    s3 = endpoint.s3()
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    one, two = put_parts(s3, bucket, "k", upload, b"small", b"last")
    for parts, code in (
        ([one, two], "EntityTooSmall"),
        ([two, one], "InvalidPartOrder"),
        ([one | {"ETag": '"0000"'}], "InvalidPart"),
        ([{"PartNumber": 9, "ETag": one["ETag"]}], "InvalidPart"),
        ([], "MalformedXML"),
    ):
        with pytest.raises(ClientError) as error:
            s3.complete_multipart_upload(
                Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts}
            )
        assert refused(error)[1] == code
    for asked in ("nothing", "../../" + upload, upload[:-1] + "z"):
        with pytest.raises(ClientError) as error:
            s3.list_parts(Bucket=bucket, Key="k", UploadId=asked)
        assert refused(error) == (404, "NoSuchUpload")
    with pytest.raises(ClientError) as error:
        s3.list_parts(Bucket=bucket, Key="another", UploadId=upload)
    assert refused(error) == (404, "NoSuchUpload")
    with pytest.raises(ClientError) as error:
        s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=10_001, Body=b"x")
    assert refused(error) == (400, "InvalidArgument")
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)


def test_completing_twice_gives_the_same_answer(endpoint: Endpoint, bucket: str) -> None:
    s3 = endpoint.s3()
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    parts = {"Parts": put_parts(s3, bucket, "k", upload, b"a" * PART, b"b")}
    first, second = (
        s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload=parts)
        for _ in range(2)
    )
    assert first["ETag"] == second["ETag"]
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"a" * PART + b"b"


def test_parts_copied_from_another_object(endpoint: Endpoint, bucket: str) -> None:
    s3, body = endpoint.s3(), os.urandom(PART + 10)
    s3.put_object(Bucket=bucket, Key="source", Body=body)
    source = {"Bucket": bucket, "Key": "source"}
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    whole = s3.upload_part_copy(
        Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, CopySource=source
    )
    tail = s3.upload_part_copy(
        Bucket=bucket, Key="k", UploadId=upload, PartNumber=2, CopySource=source,
        CopySourceRange="bytes=2-5",
    )  # fmt: skip
    parts = [
        {"PartNumber": n, "ETag": made["CopyPartResult"]["ETag"]}
        for n, made in enumerate((whole, tail), 1)
    ]
    s3.complete_multipart_upload(
        Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts}
    )
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body + body[2:6]


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [("CRC32", "COMPOSITE"), ("CRC32", "FULL_OBJECT"), ("SHA256", "COMPOSITE"),
     ("CRC64NVME", "FULL_OBJECT")],
)  # fmt: skip
def test_checksums_of_parts_and_of_the_whole(
    endpoint: Endpoint, bucket: str, algorithm: str, kind: str
) -> None:
    s3, field = endpoint.s3(), f"Checksum{algorithm}"
    made = s3.create_multipart_upload(
        Bucket=bucket, Key="k", ChecksumAlgorithm=algorithm, ChecksumType=kind
    )
    upload, parts = made["UploadId"], []
    for number, body in enumerate((b"a" * PART, b"tail"), 1):
        part = s3.upload_part(
            Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=body,
            ChecksumAlgorithm=algorithm,
        )  # fmt: skip
        parts.append({"PartNumber": number, "ETag": part["ETag"], field: part[field]})
    done = s3.complete_multipart_upload(
        Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts}, ChecksumType=kind
    )
    assert done["ChecksumType"] == kind
    assert done[field].endswith("-2") == (kind == "COMPOSITE")
    plain = s3.put_object(
        Bucket=bucket, Key="p", Body=b"a" * PART + b"tail", ChecksumAlgorithm=algorithm
    )
    assert (plain[field] == done[field]) == (kind == "FULL_OBJECT")
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert head[field] == done[field]
