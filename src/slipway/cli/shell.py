"""The terminal of this machine as the terminal of a shell inside an instance."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from slipway.sdk.errors import SlipwayError

if TYPE_CHECKING:
    from slipway.sdk.shell import Shell

InstanceOption = Annotated[
    str | None, typer.Option(help="Its number or its ID; the first that runs where left out.")
]
LEAVE = b"\x1d"  # Ctrl-], as in telnet: where the far end hears nothing any more
_END_OF_INPUT = b"\x04"  # Ctrl-D
# A program that is just starting may lose it, and one program may have another around it.
_AGAIN_S = 0.3
_BLOCK = 65536


def attach(open_shell: Callable[[int, int], Shell]) -> None:
    """Until the shell ends or Ctrl-] is typed. Ends this command with the shell's exit code.

    Every key goes to the far end, Ctrl-C too. Where standard input is no terminal, it is typed and
    then ended with Ctrl-D, until the shell ends.
    """
    columns, rows = _size()
    with open_shell(columns, rows) as shell:
        if sys.stdin.isatty():
            typer.echo("Connected. Ctrl-] leaves.", err=True)
        with _raw_terminal(), _resizes() as resized:
            left = threading.Event()
            typing = threading.Thread(target=_type, args=(shell, resized, left), daemon=True)
            typing.start()
            try:
                for written in shell:
                    _write(written)
            except SlipwayError:
                if not left.is_set():
                    raise
        if left.is_set():
            return
        if shell.exit_code is None:
            raise SlipwayError(shell.reason)
        raise typer.Exit(shell.exit_code)


def _size() -> tuple[int, int]:
    """Of the terminal itself: what `COLUMNS` says may be of another one. 80 x 24 where there is none."""
    try:
        columns, rows = os.get_terminal_size(sys.stdin.fileno())
    except OSError:
        return 80, 24
    return columns, rows


def _type(shell: Shell, resized: int, left: threading.Event) -> None:
    """Reads the keyboard in a thread of its own: the connection is read in the main one."""
    keyboard = sys.stdin.fileno()
    heard = [keyboard, resized]
    while True:
        ended = keyboard not in heard
        ready, _, _ = select.select(heard, [], [], _AGAIN_S if ended else None)
        if ended:
            shell.write(_END_OF_INPUT)
        if resized in ready:
            os.read(resized, _BLOCK)
            shell.resize(*_size())
        if keyboard not in ready:
            continue
        typed = os.read(keyboard, _BLOCK)
        if LEAVE in typed and os.isatty(keyboard):
            left.set()
            shell.close()
            return
        shell.write(typed)
        if not typed:
            heard.remove(keyboard)


@contextlib.contextmanager
def _raw_terminal() -> Iterator[None]:
    """Keys arrive as they are pressed, and nothing is shown that the far end does not write."""
    if not sys.stdin.isatty():
        yield
        return
    import termios
    import tty

    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    tty.setraw(keyboard, termios.TCSADRAIN)  # the other ways forget what is typed already
    try:
        yield
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _resizes() -> Iterator[int]:
    """A descriptor that becomes readable when the terminal gets another size."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)

    def tell(_number: int, _frame: object) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(writes, b".")

    before = signal.signal(signal.SIGWINCH, tell)
    try:
        yield reads
    finally:
        signal.signal(signal.SIGWINCH, before)


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(sys.stdout.fileno(), data) :]
