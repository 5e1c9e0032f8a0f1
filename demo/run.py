"""`make demo`: the journey every user makes, end to end on real input, through the public SDK.

Exit code 0 and `DEMO OK` when every step did what it should; else the reason. With `--keep` the
platform stays up with everything in it.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path

import images
import language
from report import DemoFailed, Report

from slipway import Client
from slipway.sdk.errors import SlipwayError
from slipway.sdk.local import LocalPlatform

DEFAULT_HOME = Path(__file__).parents[1] / "build" / "demo-home"


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the whole journey on a platform of its own.")
    parser.add_argument(
        "--keep", action="store_true", help="leave the platform running, to look at"
    )
    parser.add_argument(
        "--home", type=Path, default=DEFAULT_HOME, help="a home that the demo may delete"
    )
    parser.add_argument("--only", choices=("images", "language"), help="one of the two paths")
    arguments = parser.parse_args()
    home: Path = arguments.home.absolute()
    report = Report()
    signal.signal(signal.SIGTERM, _interrupt)
    reason = _run(home, report, arguments.only, keep=arguments.keep)
    print(f"\n{report.table()}\n" if report.steps else "")
    if reason is None:
        print("DEMO OK")
        return 0
    print(f"DEMO FAILED: {reason}", file=sys.stderr)
    return 1


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _run(home: Path, report: Report, only: str | None, *, keep: bool) -> str | None:
    """The reason of a failure, or None."""
    if (home / "run" / "up.json").exists():
        _end_former(home)
    shutil.rmtree(home, ignore_errors=True)
    platform = LocalPlatform.fresh(home)
    reason = _attempt(platform, report, only)
    facts = {"console": platform.url, "gateway": platform.gateway_url}
    report.write(home / "demo" / "summary.json", ok=reason is None, reason=reason, **facts)
    if keep and reason is None:
        print(f"\nThe platform runs on: {platform.url}  (user admin, password {platform.password})")
        print(f"Stop it with: slipway down --all --home {platform.home}")
        return None
    platform.down()
    left = platform.left_behind()
    return reason or ("Processes were left behind:\n" + "\n".join(left) if left else None)


def _attempt(platform: LocalPlatform, report: Report, only: str | None) -> str | None:
    try:
        with report.step("Start the platform") as step:
            platform.start(own_session=True)
            step.result = platform.url
        _journey(platform, report, only)
    except (DemoFailed, SlipwayError) as error:
        return str(error)
    except KeyboardInterrupt:
        return "interrupted"
    except Exception:  # the demo's edge: everything else is a defect worth its trace
        return traceback.format_exc()
    return None


def _journey(platform: LocalPlatform, report: Report, only: str | None) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Client.sign_in(platform.url, "admin", platform.password) as client,
    ):
        work = Path(folder)
        if only != "language":
            images.run(client, report, work, platform.gateway_url)
        if only != "images":
            language.run(client, report, work, platform.gateway_url)


def _end_former(home: Path) -> None:
    """A platform kept from an earlier run of the demo."""
    from slipway.cli.platform import down

    down(home, all_=True)


if __name__ == "__main__":
    sys.exit(main())
