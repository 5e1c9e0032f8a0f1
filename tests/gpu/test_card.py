"""Tasks on a real card: found, used, watched, shared, and left clean."""

from __future__ import annotations

import pytest

from slipway import Client
from slipway.sdk.errors import SlipwayError
from slipway.sdk.local import LocalPlatform
from tests.gpu.conftest import MIB, completed, text_of, used_bytes, wait_for

BUSY = """
import os, time, torch, torch.distributed as dist
dist.init_process_group("nccl", device_id=torch.device("cuda", 0))
one = torch.ones(1 << 20, device="cuda")
dist.all_reduce(one)
a = torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16)
began, steps = time.time(), 0
while time.time() - began < 12:
    a = torch.nn.functional.normalize(a @ a, dim=0)
    torch.cuda.synchronize()
    steps += 1
print("cards", torch.cuda.device_count(), torch.cuda.get_device_name(0), "sum", one.sum().item(), "steps", steps)
dist.destroy_process_group()
"""
HOLD = """
import time, torch
held = torch.empty({gib} << 30, dtype=torch.uint8, device="cuda")
print("holding", flush=True)
time.sleep(600)
"""
GREEDY = """
import os, torch
print("share", os.environ["SLIPWAY_GPU_SHARE"], "own", os.environ["SLIPWAY_GPU_MEMORY_BYTES"])
total = torch.cuda.get_device_properties(0).total_memory
print("processors", torch.cuda.get_device_properties(0).multi_processor_count)
held = []
try:
    while len(held) < 200:
        held.append(torch.empty(1 << 30, dtype=torch.uint8, device="cuda"))
except torch.cuda.OutOfMemoryError:
    print("refused after", len(held))
"""


def run(client: Client, name: str, code: str, **form: object) -> str:
    form = {"environment": "pytorch", "cpu_cores": 2, "memory_bytes": 4 << 30, "gpus": 1} | form
    return client.tasks.create(name, f"cat > m.py <<'END'\n{code}\nEND\npython m.py", **form).id


def test_the_node_names_its_cards(client: Client) -> None:
    (node,) = client.resources.nodes.list()
    assert node.cards, node
    assert all(card.memory_bytes > 1 << 30 and card.model for card in node.cards)


@pytest.mark.covers("TRN-47")
def test_nccl_runs_and_every_card_has_its_curves(client: Client) -> None:
    before = used_bytes()
    task = run(client, "busy", BUSY, mode="ddp")
    text = completed(client, task)
    assert "cards 1" in text
    assert f"sum {float(1 << 20)}" in text
    (instance,) = client.tasks.instances(task)
    cards = [s["gpus"][0] for s in client.tasks.samples(task, instance.id) if s["gpus"]]
    assert max(card["util_pct"] for card in cards) > 50, cards
    assert max(card["mem_bytes"] for card in cards) > before
    assert 0 < max(card["mem_pct"] for card in cards) < 100
    wait_for(lambda: used_bytes() < before + 64 * MIB, "the card is empty again")


def test_a_cancelled_task_leaves_no_memory_on_the_card(client: Client) -> None:
    before = used_bytes()
    task = run(client, "hold", HOLD.format(gib=10), grace_s=1)
    wait_for(lambda: "holding" in text_of(client, task), "it holds ten gigabytes")
    assert used_bytes() > before + (10 << 30)
    client.tasks.stop(task)
    assert client.tasks.wait(task, timeout_s=60).state == "Stopped"
    assert used_bytes() < before + 64 * MIB


def test_shares_of_one_card_run_together_and_the_third_waits(client: Client) -> None:
    two = [run(client, f"half-{n}", HOLD.format(gib=1), gpus=0.5, grace_s=1) for n in (1, 2)]
    for task in two:
        wait_for(lambda task=task: "holding" in text_of(client, task), "a half runs")
    third = run(client, "third", "print('here')", gpus=0.5)
    wait_for(lambda: client.tasks.get(third).reason, "it says why it waits")
    assert client.tasks.get(third).state == "Queued"
    client.tasks.stop(two[0])
    completed(client, third)
    client.tasks.stop(two[1])
    client.tasks.wait(two[1], timeout_s=60)


def test_more_cards_than_there_are_is_refused_before_it_waits(client: Client) -> None:
    with pytest.raises(SlipwayError, match="largest node"):
        client.tasks.create("huge", "true", environment="pytorch", gpus=64)


def test_the_daemon_holds_a_program_to_its_share(
    mps: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    if not mps:
        pytest.skip("NVIDIA's MPS daemon does not start here")
    platform = LocalPlatform.fresh(tmp_path_factory.mktemp("mps") / "home")
    platform.environment |= mps
    platform.start()
    try:
        client = platform.client()
        task = run(client, "greedy", GREEDY, gpus=0.2)
        text = completed(client, task)
        own = int(text.split("own ")[1].split()[0])
        held = int(text.split("refused after ")[1].split()[0])
        assert 0 < held <= own >> 30, text
        assert "is not enforced" not in text
        print(text)
    finally:
        platform.down()
    assert platform.left_behind() == []


def test_a_task_outlives_kill_9_of_the_platform_and_leaves_the_card_clean(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    platform = LocalPlatform.fresh(tmp_path_factory.mktemp("killed") / "home")
    platform.start()
    before = used_bytes()
    client = platform.client()
    task = run(client, "orphan", HOLD.format(gib=5), grace_s=1)
    wait_for(lambda: "holding" in text_of(client, task), "it holds five gigabytes")
    platform.kill()
    platform.start()
    client = platform.client()
    assert client.tasks.get(task).state == "Running"
    assert used_bytes() > before + (5 << 30)
    client.tasks.stop(task)
    assert client.tasks.wait(task, timeout_s=60).state == "Stopped"
    assert used_bytes() < before + 64 * MIB
    platform.down()
    assert platform.left_behind() == []
