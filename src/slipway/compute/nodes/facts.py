"""What a machine says of itself when it joins and while it is joined: the `info` of a node.

Read only; nothing is written, formatted or installed. Keys: os, kernel, cpu_vendor, cpu_model,
machine_id, boot_id, driver, disks, data_dir, environment_free_bytes, networks. A machine that joins
adds reaches_storage, closed_ports, reaches_internet and zone (`engines/ray/join_facts.py`).
"""

from __future__ import annotations

import ipaddress
import platform
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import psutil

_PSEUDO = ("tmpfs", "devtmpfs", "squashfs", "overlay", "proc", "sysfs", "iso9660")


def machine_facts(data_dir: Path) -> dict[str, Any]:
    """`data_dir`: where environments and instances of the platform are kept on this machine."""
    vendor, model = _processor()
    return {
        "os": _os_name(),
        "kernel": platform.release(),
        "cpu_vendor": vendor,
        "cpu_model": model,
        "machine_id": _text("/etc/machine-id"),
        "boot_id": _text("/proc/sys/kernel/random/boot_id"),
        "driver": _driver(),
        "disks": _disks(),
        "data_dir": str(data_dir),
        "environment_free_bytes": shutil.disk_usage(_existing(data_dir)).free,
        "networks": _networks(),
    }


def _os_name() -> str:
    lines = _text("/etc/os-release").splitlines()
    named = [line.partition("=")[2].strip('"') for line in lines if line.startswith("PRETTY_NAME=")]
    return named[0] if named else platform.system()


def _processor() -> tuple[str, str]:
    """Vendor and model, such as ("AMD", "AMD EPYC 7K62")."""
    fields: dict[str, str] = {}
    for line in _text("/proc/cpuinfo").splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    vendors = {"GenuineIntel": "Intel", "AuthenticAMD": "AMD"}
    vendor = fields.get("vendor_id", platform.machine())
    return vendors.get(vendor, vendor), fields.get("model name", platform.processor())


def _driver() -> str:
    """Of the cards; empty where there is none."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ""
    try:
        listed = subprocess.run(
            [tool, "--query-gpu=driver_version", "--format=csv,noheader"],
            capture_output=True, text=True, timeout=10, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return listed.partition("\n")[0].strip()


def _disks() -> list[dict[str, Any]]:
    """Each file system once; the one that holds `/` is the system disk."""
    found: dict[str, dict[str, Any]] = {}
    for part in psutil.disk_partitions(all=True):
        if part.fstype in _PSEUDO and part.mountpoint != "/":
            continue
        try:
            usage = shutil.disk_usage(part.mountpoint)
        except OSError:
            continue
        if usage.total and part.device not in found:
            found[part.device] = {
                "mount": part.mountpoint, "size_bytes": usage.total, "free_bytes": usage.free,
                "system": part.mountpoint == "/",
            }  # fmt: skip
    return sorted(found.values(), key=lambda disk: str(disk["mount"]))


def _networks() -> list[str]:
    found = set()
    for addresses in psutil.net_if_addrs().values():
        for address in addresses:
            if address.family == socket.AF_INET and address.netmask:
                network = ipaddress.ip_network(f"{address.address}/{address.netmask}", strict=False)
                if not network.is_loopback:
                    found.add(str(network))
    return sorted(found)


def _existing(path: Path) -> Path:
    return next((p for p in (path, *path.parents) if p.exists()), Path("/"))


def _text(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace").strip()
    except OSError:
        return ""
