"""The `git` program, told everything by variables: arguments are seen by the whole machine."""

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# Git asks this program for the user and then for the password.
_ASKPASS = """#!/bin/sh
case "$1" in
Username*) printf '%s\\n' "$SLIPWAY_GIT_USER" ;;
*) printf '%s\\n' "$SLIPWAY_GIT_PASSWORD" ;;
esac
"""


class GitFailed(Exception):
    """The message is Git's own, or says why Git could not be asked."""


class Remote(NamedTuple):
    url: str
    ref: str  # branch, tag or commit; empty: the default branch
    user: str
    password: str
    ssh_key: str
    timeout_s: float
    local: bool  # whether a directory of this machine may be the remote


def resolve(remote: Remote) -> str:
    """The commit that the remote's ref names now. Raises GitFailed."""
    if _COMMIT.fullmatch(remote.ref):
        return remote.ref
    names = _names(remote.ref)
    with _git(remote) as git:
        listed = git.run("ls-remote", "--", remote.url, *names)
    found = {name: commit for commit, _, name in (line.partition("\t") for line in listed)}
    for name in names:
        if name in found:
            return found[name]
    raise GitFailed(f"the repository has no branch or tag {remote.ref or 'HEAD'}")


def clone(remote: Remote, commit: str, into: Path) -> str:
    """The files of `commit`, or of what the ref names now, without history. Returns the commit."""
    commit = commit or resolve(remote)
    _empty(into)
    with _git(remote) as git:
        git.run("init", "--quiet", "--", str(into))
        git.run("-C", str(into), "remote", "add", "origin", remote.url)
        try:
            git.run("-C", str(into), "fetch", "--quiet", "--depth", "1", "origin", commit)
        except GitFailed:
            # Some servers give branches and tags only; the commit is in one of them.
            git.run("-C", str(into), "fetch", "--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*")  # fmt: skip
        git.run("-C", str(into), "checkout", "--quiet", "--detach", commit)
    return commit


def _names(ref: str) -> list[str]:
    """A branch wins over a tag; an annotated tag is looked through."""
    if not ref:
        return ["HEAD"]
    return [f"refs/heads/{ref}", f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}"]


def _empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


class _Git:
    def __init__(self, env: dict[str, str], timeout_s: float) -> None:
        self._env, self._deadline, self._limit_s = env, time.monotonic() + timeout_s, timeout_s

    def run(self, *arguments: str) -> list[str]:
        left_s = self._deadline - time.monotonic()
        try:
            done = subprocess.run(
                ["git", *arguments], env=self._env, stdin=subprocess.DEVNULL, capture_output=True,
                text=True, errors="replace", timeout=max(0.1, left_s),
            )  # fmt: skip
        except FileNotFoundError as error:
            raise GitFailed("the program git is not installed on this machine") from error
        except subprocess.TimeoutExpired as error:
            raise GitFailed(f"no answer within {self._limit_s:g} s") from error
        if done.returncode != 0:
            raise GitFailed(done.stderr.strip() or f"git ended with code {done.returncode}")
        return done.stdout.splitlines()


@contextlib.contextmanager
def _git(remote: Remote) -> Iterator[_Git]:
    """Git with this remote's credentials only; the machine's own configuration plays no part."""
    with tempfile.TemporaryDirectory(prefix="git-") as folder:
        env = {
            "PATH": os.environ.get("PATH", os.defpath), "HOME": folder, "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": "https:http:ssh" + (":file" if remote.local else ""),
            "GIT_SSH_COMMAND": _ssh(remote, Path(folder)),
        }  # fmt: skip
        env |= {name: value for name, value in os.environ.items() if _is_passed_on(name)}
        if remote.local:
            # Git refuses a directory that somebody else owns; that it is allowed, the setting says.
            env |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}  # fmt: skip
        if remote.user or remote.password:
            env |= _askpass(remote, Path(folder))
        yield _Git(env, remote.timeout_s)


def _is_passed_on(name: str) -> bool:
    return name.lower().endswith("_proxy") or name in ("SSL_CERT_FILE", "GIT_SSL_CAINFO")


def _askpass(remote: Remote, folder: Path) -> dict[str, str]:
    script = folder / "askpass"
    script.write_text(_ASKPASS)
    script.chmod(0o700)
    return {
        "GIT_ASKPASS": str(script), "SLIPWAY_GIT_USER": remote.user or "git",
        "SLIPWAY_GIT_PASSWORD": remote.password,
    }  # fmt: skip


def _ssh(remote: Remote, folder: Path) -> str:
    """The first contact decides which host it is; nobody is there to be asked."""
    words = ["ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=accept-new"]
    words += ["-o", f"UserKnownHostsFile={folder / 'known_hosts'}"]
    if remote.ssh_key:
        key = folder / "key"
        key.touch(mode=0o600)
        key.write_text(remote.ssh_key.strip() + "\n")
        words += ["-o", "IdentitiesOnly=yes", "-i", str(key)]
    return shlex.join(words)
