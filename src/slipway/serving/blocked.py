"""Why an action is not possible now: a sentence, or None. Actions refuse with it, views show it."""

from __future__ import annotations

from collections.abc import Sequence

from slipway.serving.types import Replica, ReplicaState, ServiceState, Version


def start(version: Version) -> str | None:
    if version.state.is_down:
        return None
    if version.state == ServiceState.STOPPING:
        return "The version is being stopped. Wait until it has."
    return "The version is running already."


def stop(version: Version) -> str | None:
    if version.state.is_down:
        return f"The version is {version.state} already."
    return "The version is being stopped." if version.state == ServiceState.STOPPING else None


def change(version: Version) -> str | None:
    """For everything that changes a version: update, scale, roll back."""
    if version.state == ServiceState.STOPPING:
        return "The version is being stopped. Wait until it has."
    if version.updating and version.failures == 0:
        return "An update of this version is running. Wait until it is through."
    return None


def restart(version: Version) -> str | None:
    if version.state.is_down:
        return "The version is not running; start it."
    return change(version)


def delete(version: Version) -> str | None:
    return None if version.state.is_down else "Stop the version first."


def weigh(version: Version) -> str | None:
    """Whether it may get traffic."""
    if version.state == ServiceState.NORMAL:
        return None
    return f"Only a running version may get traffic; {version.id} is {version.state}."


def delete_service(versions: Sequence[Version]) -> str | None:
    return None if all(v.state.is_down for v in versions) else "Stop the service first."


def start_service(versions: Sequence[Version]) -> str | None:
    if not versions:
        return "The service has no version. Add one."
    if any(v.state.is_down for v in versions):
        return None
    return next((reason for v in versions if (reason := start(v))), None)


def stop_service(versions: Sequence[Version]) -> str | None:
    if any(stop(v) is None for v in versions):
        return None
    return "The service is not running."


def call(versions: Sequence[Version]) -> str | None:
    if any(v.state == ServiceState.NORMAL for v in versions):
        return None
    return "The service is not running, so calls fail."


def isolate(replica: Replica) -> str | None:
    if replica.isolated:
        return "The instance is isolated already."
    if replica.state != ReplicaState.RUNNING or not replica.is_live:
        return f"Only a running instance can be isolated; this one is {replica.state}."
    return None


def release(replica: Replica) -> str | None:
    return None if replica.isolated and replica.is_live else "The instance is not isolated."


def rebuild(replica: Replica) -> str | None:
    return None if replica.is_live else "The instance is on its way out already."
