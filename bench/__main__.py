"""Runs the groups asked for, prints the figures and keeps them in `bench/results/latest.json`."""

from __future__ import annotations

import argparse
import importlib

from bench.figure import table, write

GROUPS = ("startup", "compute", "scale", "ray", "data", "labeling", "s3", "gateway", "tiinfer")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure Slipway, and peers where they are there.")
    parser.add_argument("--only", choices=GROUPS, help="one group")
    chosen = parser.parse_args().only
    for group in [chosen] if chosen else GROUPS:
        found = importlib.import_module(f"bench.{group}").figures()
        write(found)
        print(f"\n{group}\n{table(found)}")


if __name__ == "__main__":
    main()
