"""Which version and which replica gets a request.

Versions share by weight, replicas by who is least busy; a replica that knows the beginning of a
prompt goes first while it is not much busier. One that failed cools down, longer each time. What is
counted here survives a change of the routing table: a replica that is put again keeps its requests
in flight.
"""

from collections.abc import Collection
from dataclasses import dataclass

from slipway.gateway.errors import NO_READY_INSTANCE, SERVICE_BUSY, SERVICE_STOPPED, Refused
from slipway.gateway.prefix import SLACK, PrefixNumbers, PrefixTable
from slipway.gateway.state import Replica, Service, State, Version

# A replica that failed is the last choice for this long, doubled with every failure in a row.
COOLING_S = 1.0
MAX_COOLING_S = 30.0


@dataclass(slots=True)
class Load:
    """What a replica is doing now."""

    in_flight: int = 0
    cooling_until: float = 0.0
    failures: int = 0  # in a row
    queued: int = 0  # inside the engine, where it says so (`queues.py`)

    @property
    def work(self) -> int:
        return self.in_flight + self.queued

    def failed(self, now: float) -> None:
        self.failures += 1
        self.cooling_until = now + min(MAX_COOLING_S, COOLING_S * 2 ** min(self.failures - 1, 10))

    def worked(self) -> None:
        if self.failures:
            self.failures, self.cooling_until = 0, 0.0


@dataclass(slots=True)
class Choice:
    """What was chosen for a call. Not frozen: one is made for each call."""

    version: Version
    replica: Replica
    load: Load


class Router:
    """Chooses; remembers loads by replica and turns by service."""

    def __init__(self) -> None:
        self._loads: dict[str, Load] = {}
        self._credits: dict[str, dict[str, int]] = {}
        self._turns: dict[str, int] = {}
        self._prefixes = PrefixTable()
        self.prefix_numbers: dict[str, PrefixNumbers] = {}  # by service

    def choose(
        self,
        service: Service,
        only: Version | None,
        now: float,
        avoid: Collection[str] = (),
        blocks: list[int] | None = None,
    ) -> Choice:
        """The replica for one request. Raises Refused where there is none.

        only: the version whose own path was called. avoid: replicas already tried in vain.
        blocks: of the prompt, where replicas that know them go first.
        """
        if service.stopped:
            raise Refused(
                SERVICE_STOPPED, f"The service {service.id} is stopped. Start it, then call again."
            )
        version = only if only is not None else self._next_version(service, now, avoid)
        if version is None or not version.replicas:
            raise Refused(
                NO_READY_INSTANCE,
                f"No instance of the service {service.id} is ready. Try again in a moment.",
                retry_after_s=1,
            )
        known = self._prefixes.longest(blocks) if blocks else {}
        replica, load = self._best(version, now, avoid, known)
        most = service.concurrency_per_replica
        if most is not None and load.in_flight >= most:
            raise Refused(
                SERVICE_BUSY,
                f"Every instance of the service {service.id} handles {most} requests already,"
                " its limit. Try again in a moment.",
                retry_after_s=1,
            )
        if blocks:
            numbers = self.prefix_numbers.setdefault(service.id, PrefixNumbers())
            numbers.blocks += len(blocks)
            numbers.hits += known.get(replica.id, 0)
            self._prefixes.note(blocks, replica.id)
        return Choice(version, replica, load)

    def load(self, replica_id: str) -> Load:
        load = self._loads.get(replica_id)
        if load is None:
            load = self._loads[replica_id] = Load()
        return load

    def in_flight(self) -> dict[str, int]:
        """Requests by replica, where there are any."""
        return {i: load.in_flight for i, load in self._loads.items() if load.in_flight}

    def forget_all_but(self, state: State) -> None:
        """Drops what is counted for replicas and services that are gone."""
        replicas = {r.id for _, v in state.versions.values() for r in v.replicas}
        self._loads = {i: ld for i, ld in self._loads.items() if i in replicas or ld.in_flight}
        self._turns = {v: n for v, n in self._turns.items() if v in state.versions}
        self._credits = {s: c for s, c in self._credits.items() if s in state.services}
        self.prefix_numbers = {s: n for s, n in self.prefix_numbers.items() if s in state.services}

    def _next_version(self, service: Service, now: float, avoid: Collection[str]) -> Version | None:
        """Smooth weighted turns: with weights 3 and 1, one in any four requests goes to the other.

        A version without ready replicas takes no part, so its share falls to the others; neither
        does one whose replicas all failed, as long as there is a better one.
        """
        if len(service.versions) == 1:
            only = service.versions[0]
            return only if only.replicas and (only.weight > 0 or only.reserve) else None
        versions = [v for v in service.versions if v.weight > 0 and v.replicas]
        reserves = [v for v in service.versions if v.reserve and v.replicas]
        for some in (versions, reserves):
            if welcome := [v for v in some if self._has_welcome(v, now, avoid)]:
                versions = welcome
                break
        else:
            versions = versions or reserves
        if len(versions) < 2:
            return versions[0] if versions else None
        old = self._credits.get(service.id, {})
        credit = {v.id: old.get(v.id, 0) + max(1, v.weight) for v in versions}
        chosen = max(versions, key=lambda v: credit[v.id])
        credit[chosen.id] -= sum(max(1, v.weight) for v in versions)
        self._credits[service.id] = credit
        return chosen

    def _has_welcome(self, version: Version, now: float, avoid: Collection[str]) -> bool:
        return any(
            r.id not in avoid and self.load(r.id).cooling_until <= now for r in version.replicas
        )

    def _best(
        self, version: Version, now: float, avoid: Collection[str], known: dict[str, int]
    ) -> tuple[Replica, Load]:
        replicas = version.replicas
        if len(replicas) == 1:
            return replicas[0], self.load(replicas[0].id)
        turn = self._turns.get(version.id, 0)
        self._turns[version.id] = turn + 1
        best, best_load, best_rank = replicas[0], self.load(replicas[0].id), (2, 0)
        friend, friend_load, most_known = None, None, 0
        for step in range(len(replicas)):
            # Starting at another one each time shares equal loads out evenly.
            replica = replicas[(turn + step) % len(replicas)]
            load = self.load(replica.id)
            unwelcome = replica.id in avoid or load.cooling_until > now
            rank = (int(unwelcome), load.in_flight + load.queued)
            if rank < best_rank:
                best, best_load, best_rank = replica, load, rank
            if known and not unwelcome and known.get(replica.id, 0) > most_known:
                friend, friend_load, most_known = replica, load, known[replica.id]
        if friend is not None and friend_load is not None:
            near = friend_load.work <= best_load.work + SLACK
            return (friend, friend_load) if near else (best, best_load)
        return best, best_load
