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
import platform_
from report import Report

from slipway import Client
from slipway.sdk.errors import SlipwayError

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
    platform: platform_.Platform | None = None
    failed = True
    try:
        with report.step("Start the platform") as step:
            platform = platform_.start(home)
            step.result = platform.url
        _journey(platform, report, only)
        failed = False
        return None
    except (platform_.DemoFailed, SlipwayError) as error:
        return str(error)
    except KeyboardInterrupt:
        return "interrupted"
    except Exception:  # the demo's edge: everything else is a defect worth its trace
        return traceback.format_exc()
    finally:
        if platform is not None:
            report.write(
                home / "demo" / "summary.json",
                ok=not failed,
                console=platform.url,
                gateway=platform.gateway_url,
            )
            _end(platform, keep=keep)


def _journey(platform: platform_.Platform, report: Report, only: str | None) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Client.sign_in(platform.url, "admin", platform.password) as client,
    ):
        work = Path(folder)
        if only != "language":
            images.run(client, report, work, platform.gateway_url)
        if only != "images":
            language.run(client, report, work, platform.gateway_url)


def _end(platform: platform_.Platform, *, keep: bool) -> None:
    if keep:
        print(f"\nThe platform runs on: {platform.url}  (user admin, password {platform.password})")
        print(f"Stop it with: slipway down --all --home {platform.home}")
        return
    platform.stop()
    if left := platform_.processes_of(platform.home):
        raise platform_.DemoFailed("Processes were left behind:\n" + "\n".join(left))


def _end_former(home: Path) -> None:
    """A platform kept from an earlier run of the demo."""
    from slipway.cli.platform import down

    down(home, all_=True)


if __name__ == "__main__":
    sys.exit(main())
