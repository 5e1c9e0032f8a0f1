"""`python -m slipway.runtime.evaluate --config config.json --out DIR`

Asks every question of every set of every model, scores the answers, and writes into DIR:
`progress.json` all along, `samples.jsonl` answer by answer, `results.json` at the end.
Started again on the same DIR it goes on with what is missing.

Exit status: 0 results written, 1 refused, or not one question was answered.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from slipway.runtime.evaluate.config import load
from slipway.runtime.evaluate.errors import EvaluationError
from slipway.runtime.evaluate.run import evaluate


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="slipway.runtime.evaluate", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    try:
        content = evaluate(load(options.config), options.out)
    except EvaluationError as error:
        print(f"Error: {error}", file=sys.stderr, flush=True)
        return 1
    for result in content["results"]:
        print(_line(result), flush=True)
    if all(len(result["failed"]) == result["samples"] for result in content["results"]):
        print("Error: not one question was answered; see samples.jsonl.", file=sys.stderr)
        return 1
    return 0


def _line(result: dict[str, Any]) -> str:
    values = "  ".join(f"{name} {value:.4f}" for name, value in result["metrics"].items())
    failed = f", {len(result['failed'])} failed" if result["failed"] else ""
    return (
        f"{result['model']} on {result['set']}: {values} "
        f"({result['samples']} samples{failed}, {result['run_time_s']:.1f} s)"
    )


if __name__ == "__main__":
    sys.exit(main())
