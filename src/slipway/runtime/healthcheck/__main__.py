"""`python -m slipway.runtime.healthcheck`: all-reduce among all instances of a task, before its command.

One process per card over NCCL, or one per instance over gloo where there are no cards. Exit codes:
0 the network works, 1 it gives wrong results or the check cannot run, 75 it did not answer in time.
"""

import os
import subprocess
import sys
import time
from datetime import timedelta

import torch
import torch.distributed as dist

from slipway.runtime.healthcheck.table import Timing, bandwidths, header, row

NETWORK_TIMEOUT = 75  # EX_TEMPFAIL; the runner takes it for a fault of the node
_REPEATS = 5
_CPU_SIZES = tuple(8 << (3 * step) for step in range(8))  # 8 B to 16 MiB
_GPU_SIZES = tuple(8 << (2 * step) for step in range(13))  # 8 B to 128 MiB


def main() -> int:
    per_instance = max(1, int(os.environ["SLIPWAY_HEALTH_GPUS"]))
    if per_instance == 1 or "SLIPWAY_HEALTH_LOCAL_RANK" in os.environ:
        return _check(int(os.environ.get("SLIPWAY_HEALTH_LOCAL_RANK", 0)), per_instance)
    children = [
        subprocess.Popen(
            [sys.executable, "-I", "-m", "slipway.runtime.healthcheck"],
            env={**os.environ, "SLIPWAY_HEALTH_LOCAL_RANK": str(local)},
        )
        for local in range(per_instance)
    ]
    return max(child.wait() for child in children)


def _check(local_rank: int, per_instance: int) -> int:
    env = os.environ
    on_gpu = int(env["SLIPWAY_HEALTH_GPUS"]) > 0
    world = int(env["SLIPWAY_HEALTH_INSTANCES"]) * per_instance
    rank = int(env["SLIPWAY_HEALTH_INSTANCE"]) * per_instance + local_rank
    address = env["SLIPWAY_HEALTH_ADDRESS"]
    if address.startswith("127."):
        env.setdefault("GLOO_SOCKET_IFNAME", "lo")
    device = torch.device("cuda", local_rank) if on_gpu else torch.device("cpu")
    if on_gpu:
        torch.cuda.set_device(device)
    if rank == 0:
        print(f"All-reduce of {world} ranks over {'NCCL' if on_gpu else 'gloo'}.", flush=True)
    try:
        dist.init_process_group(
            "nccl" if on_gpu else "gloo", init_method=f"tcp://{address}", rank=rank, world_size=world,
            timeout=timedelta(seconds=float(env["SLIPWAY_HEALTH_LIMIT_S"])),
        )  # fmt: skip
        wrong = _run(device, world, _GPU_SIZES if on_gpu else _CPU_SIZES, speaks=rank == 0)
        dist.destroy_process_group()
    except RuntimeError as error:  # torch.distributed's DistError is one
        print(f"The network did not answer: {error}", flush=True)
        return NETWORK_TIMEOUT
    return 1 if wrong else 0


def _run(device: torch.device, world: int, sizes: tuple[int, ...], *, speaks: bool) -> int:
    """Elements that were wrong, over all sizes."""
    wrong, bus_bandwidths = 0, []
    if speaks:
        print(header(), flush=True)
    for size_bytes in sizes:
        out, inside = _measure(device, world, size_bytes // 4)
        wrong += out.wrong + inside.wrong
        bus_bandwidths += [bandwidths(size_bytes, world, t.seconds)[1] for t in (out, inside)]
        if speaks:
            print(row(size_bytes, size_bytes // 4, world, out, inside), flush=True)
    if speaks:
        print(f"# Out of bounds values : {wrong} {'FAILED' if wrong else 'OK'}")
        print(
            f"# Avg bus bandwidth    : {sum(bus_bandwidths) / len(bus_bandwidths):.4f}", flush=True
        )
    return wrong


def _measure(device: torch.device, world: int, count: int) -> tuple[Timing, Timing]:
    ones, target = torch.ones(count, device=device), torch.empty(count, device=device)
    seconds = [0.0, 0.0]
    for repeat in range(_REPEATS + 1):  # the first warms up and is not counted
        for place in (0, 1):
            buffer = target if place == 0 else ones.clone()
            dist.barrier()
            start = time.perf_counter()
            if place == 0:
                buffer.copy_(ones)  # torch reduces in place; a copy first keeps the input
            dist.all_reduce(buffer)
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            seconds[place] += (time.perf_counter() - start) * (repeat > 0)
            inside = buffer
    wrong = [int((buffer != world).sum()) for buffer in (target, inside)]
    return Timing(seconds[0] / _REPEATS, wrong[0]), Timing(seconds[1] / _REPEATS, wrong[1])


if __name__ == "__main__":
    sys.exit(main())
