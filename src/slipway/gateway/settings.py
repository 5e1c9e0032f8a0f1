"""What one gateway process is told at its start."""

from dataclasses import dataclass
from pathlib import Path

from slipway.gateway.reach import Reach

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the gateway lives and how much it takes from one caller."""

    home: Path
    control: str
    host: str = "127.0.0.1"
    port: int = 8701
    grpc_port: int = 8090  # opened once there is a service that wants it
    log_level: str = "info"
    access_log: bool = True
    # Several processes of one home share the port and the counters; each is one of them.
    process: int = 0
    processes: int = 1
    # Gateways of other machines ask here what is left (0 takes a free port); None: there are none.
    limits_port: int | None = None
    # The gateway that counts for all machines; None: this one counts for itself.
    limits_at: tuple[str, int] | None = None
    # Where providers and audit hooks, whose addresses users type in, may be.
    upstream_reach: Reach = Reach.PRIVATE
    # Collector of OpenTelemetry traces (OTLP over HTTP), such as http://host:4318; None sends none.
    otlp: str | None = None
    # A certificate with its chain and its key, both PEM; left out, plain HTTP.
    tls_cert: Path | None = None
    tls_key: Path | None = None

    max_header_bytes: int = 64 * KIB
    max_body_bytes: int = 64 * MIB
    # A body up to this size waits in memory for its end; a bigger one for a plain service is
    # passed on as it comes. LLM calls always wait: the model's name may stand anywhere in them.
    stream_body_bytes: int = 64 * KIB
    header_timeout_s: float = 15.0
    body_timeout_s: float = 60.0
    # A whole body; a client that sends a byte now and then must not hold memory for ever.
    whole_body_s: float = 900.0
    # Open connections of one client address, 0 for no cap. Behind a proxy all have its address.
    connections_per_address: int = 4096
    keep_alive_s: float = 75.0
    # How long a client may leave our bytes unread before we give up on it.
    stalled_client_s: float = 300.0
    # How long an instance may stay silent, before its first byte and between two.
    upstream_timeout_s: float = 600.0
    connect_timeout_s: float = 5.0
    # uvicorn drops idle connections after 5 s; staying below avoids writing into a closing one.
    upstream_idle_s: float = 3.0
    drain_s: float = 30.0
    # Below half a second, so that every tick flushes: a kill loses less than a second.
    usage_flush_s: float = 0.4
    # The platform's ceiling for a whole service, whatever its own limit says. 0 lifts it.
    service_qps_ceiling: int = 500

    @property
    def tls(self) -> bool:
        return self.tls_cert is not None

    @property
    def run_dir(self) -> Path:
        return self.home / "run"

    @property
    def token_file(self) -> Path:
        return self.run_dir / "gateway.token"

    def read_token(self) -> bytes:
        """What the platform's own processes know each other by."""
        return self.token_file.read_bytes().strip()

    @property
    def limits_file(self) -> Path:
        return self.run_dir / "gateway-limits.mem"

    @property
    def state_file(self) -> Path:
        return self.run_dir / f"gateway-state{self._mark}.json"

    @property
    def identity_file(self) -> Path:
        return self.run_dir / f"gateway{self._mark}.json"

    @property
    def lock_file(self) -> Path:
        return self.run_dir / f"gateway{self._mark}.lock"

    @property
    def usage_dir(self) -> Path:
        return self.run_dir / f"gateway-usage{self._mark}"

    @property
    def _mark(self) -> str:
        """What the files of the second, third, ... process are told apart by."""
        return f"-{self.process}" if self.process else ""

    @property
    def tick_s(self) -> float:
        """How often deadlines are looked at: often enough for the shortest of them."""
        shortest = min(self.header_timeout_s, self.upstream_timeout_s, self.body_timeout_s)
        return max(0.05, min(0.5, shortest / 4))
