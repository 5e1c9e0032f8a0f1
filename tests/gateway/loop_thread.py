"""An event loop in a thread, so that plain tests can stand between real servers."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any


class LoopThread:
    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any], timeout_s: float = 60.0) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_s)

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        async def once() -> Any:
            return function(*args)

        return self.run(once())

    def close(self) -> None:
        async def cancel_all() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self.run(cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()


def wait_for(
    condition: Callable[[], Any], what: str, timeout_s: float = 60.0, step_s: float = 0.01
) -> Any:
    """Waits until a condition holds and returns what it gave. Fails with `what` otherwise."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(step_s)
    raise AssertionError(f"waited {timeout_s} s in vain: {what}")
