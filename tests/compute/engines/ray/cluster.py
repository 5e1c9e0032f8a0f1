"""The cluster of the tests; without Ray they are skipped."""

from __future__ import annotations

import importlib.util

import pytest
from chaos.ray_cluster import RayCluster

if importlib.util.find_spec("ray") is None:
    pytest.skip("needs Ray: pip install 'slipway[ray]'", allow_module_level=True)

__all__ = ["RayCluster"]
