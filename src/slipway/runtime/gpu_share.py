"""A part of one card: what holds a program to it, and what only asks it to.

NVIDIA's MPS daemon, where it runs on the node, enforces both: more memory than the limit is an
out-of-memory error in that program alone, and its kernels get no more than the percentage of the
card's multiprocessors. Without the daemon the driver ignores those two variables. `limit_torch`
then still holds PyTorch's own allocator to the share, in programs that call it; nothing holds
compute, or what allocates by other ways.
"""

import os

SHARE, MEMORY_BYTES = "SLIPWAY_GPU_SHARE", "SLIPWAY_GPU_MEMORY_BYTES"
_PIPE_DIRECTORY = "CUDA_MPS_PIPE_DIRECTORY"
NOTE = (
    "The share of the card is not enforced on this machine: NVIDIA's MPS daemon does not run. "
    "Programs that read SLIPWAY_GPU_SHARE keep to it by themselves."
)


def share_variables(share: float, card_bytes: int | None) -> dict[str, str]:
    """`card_bytes`: memory of the whole card, where the driver tells it."""
    variables = {SHARE: f"{share:g}", "CUDA_MPS_ACTIVE_THREAD_PERCENTAGE": f"{share * 100:g}"}
    if card_bytes:
        own = int(card_bytes * share)
        variables[MEMORY_BYTES] = str(own)
        # The only card the program sees has the number 0.
        variables["CUDA_MPS_PINNED_DEVICE_MEM_LIMIT"] = f"0={own >> 20}M"
    return variables


def is_enforced() -> bool:
    """Whether an MPS daemon listens where programs will look for it."""
    directory = os.environ.get(_PIPE_DIRECTORY, "/tmp/nvidia-mps")
    return os.path.exists(f"{directory}/control")


def limit_torch() -> None:
    """Hold PyTorch's allocator to the share, if there is one; the platform's own programs call it."""
    share = os.environ.get(SHARE)
    if not share:
        return
    import torch

    if torch.cuda.is_available():
        torch.cuda.set_per_process_memory_fraction(float(share))
