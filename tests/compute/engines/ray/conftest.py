"""One cluster for all tests of the Ray engine; who breaks it mends it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.compute.engines.ray.cluster import RayCluster


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[RayCluster]:
    cluster = RayCluster("n1", "n2")
    yield cluster
    cluster.close()
