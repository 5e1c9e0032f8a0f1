"""A platform with its S3-compatible endpoint, and real clients of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from slipway.sdk.client import Client
from slipway.sdk.local import LocalPlatform


@dataclass(frozen=True)
class Endpoint:
    """`key` belongs to the administrator; `stranger` to a user of another project."""

    platform: LocalPlatform
    client: Client
    key: tuple[str, str]
    stranger: tuple[str, str]
    stranger_client: Client
    opened: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.platform.s3_url

    @property
    def storage(self) -> Path:
        return self.platform.home / "storage"

    def s3(self, key: tuple[str, str] | None = None, url: str | None = None, **options: Any) -> Any:
        key_id, secret = key or self.key
        client = boto3.client(
            "s3", endpoint_url=url or self.url, aws_access_key_id=key_id, aws_secret_access_key=secret,
            region_name="us-east-1", config=Config(retries={"max_attempts": 0}, **options),
        )  # fmt: skip
        self.opened.append(client)
        return client

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": self.key[0], "AWS_SECRET_ACCESS_KEY": self.key[1],
            "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
            "S3_ENDPOINT_URL": self.url, "AWS_ENDPOINT_URL": self.url,
        }  # fmt: skip


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    platform = LocalPlatform.fresh(tmp_path_factory.mktemp("s3") / "home")
    platform.environment["SLIPWAY_S3_IDLE_S"] = "3"
    platform.start()
    client = platform.client()
    client.accounts.create_user("stranger", "correct horse")
    project = client.accounts.create_project("elsewhere")
    client.accounts.set_member(project.id, "stranger", "developer")
    other = Client.sign_in(platform.url, "stranger", "correct horse")
    mine, theirs = client.keys.create("access", "s3"), other.keys.create("access", "s3")
    yield Endpoint(platform, client, (mine.id, mine.secret), (theirs.id, theirs.secret), other)
    other.close()
    platform.down()


@pytest.fixture(autouse=True)
def closing(endpoint: Endpoint) -> Iterator[None]:
    yield
    while endpoint.opened:
        endpoint.opened.pop().close()


@pytest.fixture
def bucket(endpoint: Endpoint, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh bucket of the administrator's project; emptied and removed after."""
    s3 = endpoint.s3()
    name = f"t-{abs(hash(request.node.nodeid)):x}"
    s3.create_bucket(Bucket=name)
    yield name
    empty(s3, name)
    s3.delete_bucket(Bucket=name)


def empty(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        if keys := [{"Key": item["Key"]} for item in page.get("Contents", ())]:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
