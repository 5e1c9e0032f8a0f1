"""Wakes the delivery loop; set after a commit that gives it work."""

from __future__ import annotations

import asyncio

deliveries = asyncio.Event()
