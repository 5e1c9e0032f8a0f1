"""Faults of the machine, as the kernel saw them while an instance ran (FIN-21).

Only the kernel is believed. What a program prints about its cards proves nothing, and a task must
not be able to take a node out of use by printing.
"""

import os
import re
from collections.abc import Iterable

_XID = re.compile(r"NVRM: Xid \((?:PCI:)?([0-9a-fA-F:.]+)\): (\d+)")
# Xid numbers that mean the card or its link, not the program (NVIDIA, "Xid Errors").
_HARDWARE = {
    48: "an uncorrectable memory (ECC) error",
    62: "a fault of the card's controller",
    63: "a memory row that had to be remapped",
    64: "a memory row that could not be remapped",
    74: "an NVLink error",
    79: "the card fell off the bus",
    92: "too many memory (ECC) errors",
    94: "a contained memory (ECC) error",
    95: "an uncontained memory (ECC) error",
    119: "the card's controller did not answer",
    120: "a fault of the card's controller",
    140: "an unrecovered memory (ECC) error",
}


def fault_in(records: Iterable[str], since_us: int) -> str | None:
    """The first hardware fault among kernel log records `prio,seq,time_us,flags;text`."""
    for record in records:
        head, _, text = record.partition(";")
        fields = head.split(",")
        if len(fields) < 3 or not fields[2].isdigit() or int(fields[2]) < since_us:
            continue
        match = _XID.search(text)
        if match and (meaning := _HARDWARE.get(int(match[2]))):
            return f"Xid {match[2]} of card {match[1]}: {meaning}"
    return None


def kernel_records() -> list[str]:
    """The kernel log; empty where it may not be read."""
    try:
        fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return []
    records = []
    try:
        while True:
            try:
                records.append(os.read(fd, 8192).decode("utf-8", "replace"))
            except BrokenPipeError:
                continue  # records were overwritten while reading: the next read goes on
            except OSError:
                return records
    finally:
        os.close(fd)
