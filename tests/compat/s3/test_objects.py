"""Objects through boto3: put, get, head, copy, delete, list, and what is refused."""

from __future__ import annotations

import hashlib
import os
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.compat.s3.conftest import Endpoint

ODD_KEYS = [
    "plain.txt", "a/b/c", "ünïcode/文件.txt", "space and+plus&=?#%.txt", "a//b", "//", "/leading",
    "../escape", "x/../../y", ".", "trailing/", "k" * 1024, "long/" + "n" * 300, "tab\there",
    "😀", "a",
]  # fmt: skip


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[int, str]:
    answer: dict[str, Any] = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def test_an_object_is_a_plain_file_of_the_bucket(endpoint: Endpoint, bucket: str) -> None:
    s3, body = endpoint.s3(), os.urandom(100_000)
    put = s3.put_object(
        Bucket=bucket, Key="dir/data.bin", Body=body, Metadata={"who": "me"},
        ContentType="application/x-mine", CacheControl="max-age=5",
    )  # fmt: skip
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert (endpoint.storage / bucket / "dir" / "data.bin").read_bytes() == body
    # The platform's own API sees the same bytes, and the other way round.
    assert endpoint.client.storage.read(f"{bucket}/dir/data.bin") == body
    endpoint.client.storage.write(f"{bucket}/dir/native.txt", b"from the platform")
    got = s3.get_object(Bucket=bucket, Key="dir/native.txt")
    assert got["Body"].read() == b"from the platform"
    assert got["ETag"] == f'"{hashlib.md5(b"from the platform").hexdigest()}"'
    head = s3.head_object(Bucket=bucket, Key="dir/data.bin")
    assert head["Metadata"] == {"who": "me"}
    assert (head["ContentLength"], head["ContentType"]) == (100_000, "application/x-mine")
    assert head["CacheControl"] == "max-age=5"


def test_a_file_changed_by_a_task_has_a_new_entity_tag(endpoint: Endpoint, bucket: str) -> None:
    s3 = endpoint.s3()
    before = s3.put_object(Bucket=bucket, Key="f", Body=b"one")["ETag"]
    (endpoint.storage / bucket / "f").write_bytes(b"two!")
    got = s3.get_object(Bucket=bucket, Key="f")
    assert got["Body"].read() == b"two!"
    assert got["ETag"] != before


@pytest.mark.parametrize("key", ODD_KEYS)
def test_any_key_gives_back_what_was_put(endpoint: Endpoint, bucket: str, key: str) -> None:
    s3 = endpoint.s3()
    for neighbour in ("a/b/c", "zz"):  # so that "a" is a folder's name
        s3.put_object(Bucket=bucket, Key=neighbour, Body=b"neighbour")
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={"m": "v"})
    got = s3.get_object(Bucket=bucket, Key=key)
    assert got["Body"].read() == key.encode()
    assert got["Metadata"] == {"m": "v"}
    listed = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == sorted({"a/b/c", "zz", key})
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == key.encode()
    s3.delete_object(Bucket=bucket, Key=key)
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key=key)
    assert refused(error) == (404, "NoSuchKey")
    outside = {path.name for path in endpoint.storage.iterdir()}
    assert not {"escape", "y", "leading"} & outside


def test_keys_that_are_too_long_or_empty_are_refused(endpoint: Endpoint, bucket: str) -> None:
    with pytest.raises(ClientError) as error:
        endpoint.s3().put_object(Bucket=bucket, Key="k" * 1025, Body=b"")
    assert refused(error) == (400, "KeyTooLongError")


def test_ranges_and_conditions(endpoint: Endpoint, bucket: str) -> None:
    s3 = endpoint.s3()
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")["ETag"]
    got = s3.get_object(Bucket=bucket, Key="k", Range="bytes=2-4")
    assert (got["Body"].read(), got["ContentRange"]) == (b"234", "bytes 2-4/10")
    assert s3.get_object(Bucket=bucket, Key="k", Range="bytes=-3")["Body"].read() == b"789"
    assert s3.get_object(Bucket=bucket, Key="k", Range="bytes=7-")["Body"].read() == b"789"
    for condition, status in (
        ({"Range": "bytes=10-"}, (416, "InvalidRange")),
        ({"IfMatch": '"other"'}, (412, "PreconditionFailed")),
        ({"IfNoneMatch": etag}, (304, "304")),
        ({"IfModifiedSince": "Wed, 01 Jan 2100 00:00:00 GMT"}, (304, "304")),
        ({"IfUnmodifiedSince": "Wed, 01 Jan 2020 00:00:00 GMT"}, (412, "PreconditionFailed")),
    ):
        with pytest.raises(ClientError) as error:
            s3.get_object(Bucket=bucket, Key="k", **condition)
        assert refused(error) == status, condition
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)["Body"].read() == b"0123456789"


def test_a_write_can_depend_on_what_is_there(endpoint: Endpoint, bucket: str) -> None:
    s3 = endpoint.s3()
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"one", IfNoneMatch="*")["ETag"]
    for condition in ({"IfNoneMatch": "*"}, {"IfMatch": '"0000"'}):
        with pytest.raises(ClientError) as error:
            s3.put_object(Bucket=bucket, Key="k", Body=b"two", **condition)
        assert refused(error) == (412, "PreconditionFailed")
    s3.put_object(Bucket=bucket, Key="k", Body=b"three", IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"three"


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"])
def test_checksums_are_checked_and_given_back(
    endpoint: Endpoint, bucket: str, algorithm: str
) -> None:
    s3, field = endpoint.s3(), f"Checksum{algorithm}"
    made = s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumAlgorithm=algorithm)
    assert made[field]
    assert s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")[field] == made[field]
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="bad", Body=b"other", **{field: made[field]})
    assert refused(error) == (400, "BadDigest")
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket=bucket, Key="bad")
    assert refused(error)[0] == 404


def test_lists_by_folder_and_page(endpoint: Endpoint, bucket: str) -> None:
    s3 = endpoint.s3()
    keys = [f"d{n % 3}/f{n:03d}" for n in range(25)] + ["top1", "top2"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    for name in ("list_objects", "list_objects_v2"):
        pages = s3.get_paginator(name).paginate(Bucket=bucket, PaginationConfig={"PageSize": 4})
        assert [item["Key"] for page in pages for item in page["Contents"]] == sorted(keys)
        pages = s3.get_paginator(name).paginate(
            Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2}
        )
        found = list(pages)
        assert [i["Key"] for page in found for i in page.get("Contents", ())] == ["top1", "top2"]
        prefixes = [p["Prefix"] for page in found for p in page.get("CommonPrefixes", ())]
        assert prefixes == ["d0/", "d1/", "d2/"]
    page = s3.list_objects_v2(Bucket=bucket, Prefix="d1/f0", StartAfter="d1/f010")
    assert [i["Key"] for i in page["Contents"]] == [k for k in sorted(keys) if "d1/f010" < k < "d2"]
    rolled = s3.list_objects_v2(Bucket=bucket, Delimiter="f")
    assert [p["Prefix"] for p in rolled["CommonPrefixes"]] == ["d0/f", "d1/f", "d2/f"]


def test_folders_made_by_people_stay_and_implied_ones_go(endpoint: Endpoint, bucket: str) -> None:
    s3 = endpoint.s3()
    s3.put_object(Bucket=bucket, Key="implied/deep/f", Body=b"x")
    s3.put_object(Bucket=bucket, Key="asked/", Body=b"")
    (endpoint.storage / bucket / "by-a-task").mkdir()
    listed = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == ["asked/", "by-a-task/", "implied/deep/f"]
    s3.delete_object(Bucket=bucket, Key="implied/deep/f")
    assert {p.name for p in (endpoint.storage / bucket).iterdir()} == {"asked", "by-a-task"}
    s3.delete_object(Bucket=bucket, Key="asked/")
    listed = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == ["by-a-task/"]


def test_tags_and_attributes(endpoint: Endpoint, bucket: str) -> None:
    s3 = endpoint.s3()
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="a=1&b=two%20words")
    tags = s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"]
    assert tags == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "two words"}]
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "c", "Value": "3"}]})
    assert s3.head_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPHeaders"][
        "x-amz-tagging-count"] == "1"  # fmt: skip
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []
    facts = s3.get_object_attributes(
        Bucket=bucket, Key="k", ObjectAttributes=["ETag", "ObjectSize"]
    )
    assert facts["ObjectSize"] == 1
    many = [{"Key": f"k{n}", "Value": "v"} for n in range(11)]
    with pytest.raises(ClientError) as error:
        s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": many})
    assert refused(error) == (400, "InvalidTag")


def test_metadata_too_large_for_the_file_system_is_kept_all_the_same(
    endpoint: Endpoint, bucket: str
) -> None:
    s3 = endpoint.s3()
    tags = {f"{n}" + "k" * 120: "v" * 256 for n in range(10)}
    metadata = {"m": "v" * 2000}
    s3.put_object(
        Bucket=bucket, Key="k", Body=b"x", Metadata=metadata,
        Tagging="&".join(f"{k}={v}" for k, v in tags.items()),
    )  # fmt: skip
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == metadata
    found = s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in found} == tags
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"m": "v" * 2048})
    assert refused(error) == (400, "MetadataTooLarge")


def test_deleting_many(endpoint: Endpoint, bucket: str) -> None:
    s3 = endpoint.s3()
    keys = [f"many/{n}" for n in range(50)] + ["a//b"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    asked = [{"Key": key} for key in [*keys, "never/there"]]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": asked})
    assert {item["Key"] for item in answer["Deleted"]} == {item["Key"] for item in asked}
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    with pytest.raises(ClientError) as error:
        too_many = [{"Key": str(n)} for n in range(1001)]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": too_many})
    assert refused(error) == (400, "MalformedXML")


def test_buckets(endpoint: Endpoint) -> None:
    s3 = endpoint.s3()
    s3.create_bucket(Bucket="own-bucket")
    assert "own-bucket" in [item["Name"] for item in s3.list_buckets()["Buckets"]]
    assert "own-bucket" in [item.name for item in endpoint.client.storage.buckets()]
    s3.head_bucket(Bucket="own-bucket")
    s3.create_bucket(Bucket="own-bucket")  # again is fine in this region
    assert s3.get_bucket_location(Bucket="own-bucket")["LocationConstraint"] is None
    assert "Status" not in s3.get_bucket_versioning(Bucket="own-bucket")
    s3.put_object(Bucket="own-bucket", Key="k", Body=b"x")
    for call, status in (
        (lambda: s3.delete_bucket(Bucket="own-bucket"), (409, "BucketNotEmpty")),
        (lambda: s3.head_bucket(Bucket="nowhere-at-all"), (404, "404")),
        (lambda: s3.get_bucket_policy(Bucket="own-bucket"), (404, "NoSuchBucketPolicy")),
        (lambda: s3.create_bucket(Bucket="prj-reserved"), (400, "InvalidBucketName")),
        (lambda: endpoint.s3(endpoint.stranger).create_bucket(Bucket="own-bucket"),
         (409, "BucketAlreadyExists")),
    ):  # fmt: skip
        with pytest.raises(ClientError) as error:
            call()
        assert refused(error) == status
    s3.delete_object(Bucket="own-bucket", Key="k")
    s3.delete_bucket(Bucket="own-bucket")
    with pytest.raises(ClientError):
        s3.head_bucket(Bucket="own-bucket")


@pytest.mark.covers("AST-08")
def test_a_bucket_may_be_named_in_the_host(endpoint: Endpoint, bucket: str) -> None:
    endpoint.s3().put_object(Bucket=bucket, Key="a/k", Body=b"by host")
    url = endpoint.url.replace("127.0.0.1", "localhost")
    virtual = endpoint.s3(url=url, s3={"addressing_style": "virtual"})
    signed = urlsplit(
        virtual.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a/k"})
    )
    assert signed.hostname == f"{bucket}.localhost"
    # Not every machine finds such names, so the connection goes to the address.
    answer = httpx.get(
        f"{endpoint.url}{signed.path}?{signed.query}", headers={"Host": signed.netloc}
    )
    assert (answer.status_code, answer.content) == (200, b"by host")
