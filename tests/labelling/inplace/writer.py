"""Replaces three lines of a file for ever: `python writer.py FOLDER`, to be killed."""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path

from slipway.labelling.inplace.original import Line
from tests.labelling.inplace.test_original import lines_of, original_of

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    first = lines_of((folder / "snapshot").read_bytes())
    start = int(time.time() * 1000)
    print("writing", flush=True)
    for count in itertools.count(start):
        original_of(folder).write(
            {
                n: Line(first[n][0], len(first[n][1]), b'{"n": %d, "round": %d}\n' % (n, count))
                for n in (3, 1000, 1999)
            }
        )
