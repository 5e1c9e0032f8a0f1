"""The look at what is asked and answered: a word list, an HTTP hook, a plug-in; whichever is set.

The word list costs one search. A hook or a plug-in is waited for beside the event loop, with a
time limit; what happens when it fails is the service's setting.
"""

import asyncio
import importlib.util
import logging
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import orjson

from slipway.gateway.ask import NoAnswer, ask
from slipway.gateway.errors import (
    AUDIT_ANSWER,
    AUDIT_FAILED,
    AUDIT_QUESTION,
    AUDIT_TEXT,
    Fault,
    Refused,
)
from slipway.gateway.policy import AuditPolicy, Hook, folded
from slipway.gateway.secrets import Unsealer
from slipway.gateway.upstream import Pool

log = logging.getLogger(__name__)

PLUGIN_TIMEOUT_S = 10.0


class Kind(StrEnum):
    QUESTION = "question"  # of a chat or a completion
    ANSWER = "answer"
    TEXT = "text"  # of a call that asks nothing: a picture's prompt, a text to embed


_NOT_PASSED: dict[Kind, Fault] = {
    Kind.QUESTION: AUDIT_QUESTION,
    Kind.ANSWER: AUDIT_ANSWER,
    Kind.TEXT: AUDIT_TEXT,
}

# (text, kind) -> why it must not pass, or None.
Plugin = Callable[[str, str], str | None]


class Failed(Exception):
    """The audit itself failed."""


class Auditor:
    """Looks at texts for all services of one gateway."""

    def __init__(
        self, pool: Pool, secrets: Unsealer, plugin_dir: Path, clock: Callable[[], float]
    ) -> None:
        self._pool, self._secrets, self._clock = pool, secrets, clock
        self._plugin_dir = plugin_dir
        self._plugins: dict[str, tuple[float, Plugin]] = {}

    def at_once(self, policy: AuditPolicy, kind: Kind, text: str) -> bool:
        """What can be said without waiting. True if that was all. Raises Refused."""
        if policy.words is not None and policy.words.search(folded(text)):
            raise Refused(_NOT_PASSED[kind], policy.message)
        return policy.hook is None and not policy.plugin

    async def check(self, policy: AuditPolicy, kind: Kind, text: str) -> None:
        """Raises Refused if the text must not pass."""
        if self.at_once(policy, kind, text):
            return
        try:
            passes = await self._by_plugin(policy.plugin, kind, text) if policy.plugin else True
            if passes and policy.hook is not None:
                passes = await self._by_hook(policy.hook, kind, text)
        except Failed as failure:
            log.warning("audit failed", extra={"reason": str(failure), "kind": kind.value})
            if policy.refuse_on_failure:
                raise Refused(AUDIT_FAILED, policy.message) from failure
            return
        if not passes:
            raise Refused(_NOT_PASSED[kind], policy.message)

    async def _by_hook(self, hook: Hook, kind: Kind, text: str) -> bool:
        body = orjson.dumps({"kind": kind.value, "text": text})
        secret = self._secrets.open(hook.secret)
        own = b"authorization: Bearer %b\r\n" % secret.encode() if secret else b""
        request = (
            b"POST %b HTTP/1.1\r\nhost: %b\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n%b\r\n%b" % (hook.path, hook.authority, len(body), own, body)
        )
        try:
            status, answer = await ask(
                self._pool, hook.target, request, now=self._clock(), timeout_s=hook.timeout_s
            )
            verdict = orjson.loads(answer) if status == 200 else None
        except (NoAnswer, orjson.JSONDecodeError) as cause:
            raise Failed(f"the hook gave no verdict: {cause}") from cause
        passes = verdict.get("pass") if isinstance(verdict, dict) else None
        if not isinstance(passes, bool):
            raise Failed(f"the hook answered {status} without a verdict")
        return passes

    async def _by_plugin(self, name: str, kind: Kind, text: str) -> bool:
        try:
            async with asyncio.timeout(PLUGIN_TIMEOUT_S):
                return await asyncio.to_thread(self._ask_plugin, name, kind, text) is None
        except Exception as cause:  # whatever an operator's own program raises
            raise Failed(f"the plug-in {name} failed: {cause!r}") from cause

    def _ask_plugin(self, name: str, kind: Kind, text: str) -> str | None:
        return self._plugin(name)(text, kind.value)

    def _plugin(self, name: str) -> Plugin:
        """`check` of <home>/audit/<name>.py; a changed file is loaded anew."""
        file = self._plugin_dir / f"{name}.py"
        changed = file.stat().st_mtime
        known = self._plugins.get(name)
        if known is None or known[0] != changed:
            spec = importlib.util.spec_from_file_location(f"slipway_audit_{name}", file)
            if spec is None or spec.loader is None:
                raise ImportError(f"{file} is no Python file")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            known = self._plugins[name] = (changed, module.check)
        return known[1]
