"""Placement: never gives out more than there is, never splits a run, always says why."""

from hypothesis import given
from hypothesis import strategies as st

from slipway.compute.placement import Ask, Held, Placed, Waits, place, why_never
from slipway.compute.types import Card, Node, NodeState, Resources

GIB = 1 << 30


def node(
    name: str = "a",
    cpu: float = 4,
    memory: int = 8 * GIB,
    gpus: int = 0,
    group: str = "g",
    state: NodeState = NodeState.RUNNING,
) -> Node:
    cards = tuple(Card(i, "T4", 16 * GIB) for i in range(gpus))
    return Node(name, group, name, "process", "127.0.0.1", cpu, memory, cards, state)


def ask(name: str, *instances: Resources, group: str = "g") -> Ask:
    return Ask(name, group, instances)


resources = st.builds(
    Resources,
    cpu_cores=st.floats(0.1, 6).map(lambda x: round(x, 1)),
    memory_bytes=st.integers(1, 10).map(lambda x: x * GIB),
    gpus=st.integers(0, 3),
)
nodes = st.lists(
    st.tuples(st.integers(1, 8), st.integers(1, 16), st.integers(0, 4)), min_size=1, max_size=4
).map(lambda shapes: [node(f"n{i}", c, m * GIB, g) for i, (c, m, g) in enumerate(shapes)])
queues = st.lists(st.lists(resources, min_size=1, max_size=3), max_size=6).map(
    lambda items: [ask(f"w{i}", *r) for i, r in enumerate(items)]
)


@given(nodes, queues)
def test_never_oversubscribes_and_never_splits_a_run(there: list[Node], queue: list[Ask]) -> None:
    decisions = place(there, [], queue)
    assert [d.workload_id for d in decisions] == [a.workload_id for a in queue]
    asked = {a.workload_id: a.instances for a in queue}
    for one in there:
        seats = [
            (seat, resource)
            for d in decisions
            if isinstance(d, Placed)
            for seat, resource in zip(d.seats, asked[d.workload_id], strict=True)
            if seat.node_id == one.id
        ]
        assert sum(r.cpu_cores for _, r in seats) <= one.cpu_cores + 1e-6
        assert sum(r.memory_bytes for _, r in seats) <= one.memory_bytes
        cards = [card for seat, _ in seats for card in seat.gpu_indexes]
        assert len(cards) == len(set(cards)) == sum(r.gpus for _, r in seats)
        assert set(cards) <= {card.index for card in one.gpus}


@given(nodes, queues)
def test_the_same_input_gives_the_same_answer(there: list[Node], queue: list[Ask]) -> None:
    assert place(there, [], queue) == place(list(reversed(there)), [], queue)


@given(nodes, queues)
def test_what_could_never_fit_is_exactly_what_an_idle_group_refuses(
    there: list[Node], queue: list[Ask]
) -> None:
    for one in queue:
        (decision,) = place(there, [], [one])
        assert isinstance(decision, Waits) == (why_never(there, one) is not None)


def test_held_resources_are_not_given_again() -> None:
    held = [Held("a", Resources(3, GIB, 1), (0,))]
    (waits,) = place([node(gpus=2)], held, [ask("w", Resources(2, GIB))])
    assert waits == Waits(
        "w",
        "Waiting for resources: 1 x instance, together 2 cores, 1.0 GiB memory; "
        "free now: 1 cores, 7.0 GiB memory, 1 GPUs.",
    )
    (placed,) = place([node(gpus=2)], held, [ask("w", Resources(1, GIB, 1))])
    assert isinstance(placed, Placed)
    assert placed.seats[0].gpu_indexes == (1,)


def test_a_later_item_that_fits_may_go_while_an_earlier_one_waits() -> None:
    first, second = place(
        [node(cpu=2)], [], [ask("big", Resources(3, GIB)), ask("small", Resources(1, GIB))]
    )
    assert isinstance(first, Waits)
    assert isinstance(second, Placed)


def test_a_node_that_is_not_ready_takes_nothing() -> None:
    (decision,) = place([node(state=NodeState.ABNORMAL)], [], [ask("w", Resources(1, GIB))])
    assert decision == Waits("w", "Waiting for a ready node in the resource group.")


def test_a_gpu_ask_without_any_gpu_is_refused_in_words() -> None:
    assert why_never([node()], ask("w", Resources(1, GIB, 1))) == (
        "Asked for 1 GPU per instance, but no node of this resource group has a GPU."
    )
