"""Batches that adapt, cards for processes, and the three hooks in order."""

from concurrent.futures import ThreadPoolExecutor

import pytest

HOOKS = """
    import os
    import tiinfer

    class Classifier(tiinfer.Model):
        def load(self):
            self.labels = ["cat", "dog"]
            return True

        def preprocess(self, request):
            return {"pixels": [value / 255 for value in request["image"]]}

        def predict(self, request):
            assert set(request) == {"pixels"}, request
            return {"scores": [1 - sum(request["pixels"]), sum(request["pixels"])]}

        def postprocess(self, request):
            assert set(request) == {"scores"}, request
            best = max(range(2), key=request["scores"].__getitem__)
            return {"label": self.labels[best] if hasattr(self, "labels") else str(best)}
"""


@pytest.mark.covers("INF-13", "INF-15")
@pytest.mark.parametrize(
    ("counts", "labels"),
    [({}, ["cat", "dog"]), ({"TI_PREPROCESS_NUMS": "1", "TI_POSTPROCESS_NUMS": "1"}, ["0", "1"])],
)
def test_each_hook_gets_what_the_one_before_returned(serve, counts, labels):
    server = serve(HOOKS, env=counts).wait_ready()
    answers = [server.predict({"image": image}).json() for image in ([0, 51], [255, 51])]
    assert answers == [{"label": label} for label in labels]


@pytest.mark.covers("INF-X2")
def test_the_size_of_batches_is_in_the_metrics(serve):
    server = serve(
        "import tiinfer\nclass M(tiinfer.Model):\n    def predict(self, requests):\n"
        "        return [len(requests)] * len(requests)\n",
        env={"TI_INFERENCE_MAX_BATCH_SIZE": "4", "TI_INFERENCE_MAX_BATCH_WAIT_MS": "3000"},
    ).wait_ready()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda x: server.predict({"x": x}).json(), range(8)))
    assert answers == [4] * 8  # the wait is long enough for both batches to fill
    text = server.http.get("/metrics").text
    label = 'stage="AllHooks_1"'
    assert f"mosec_service_batch_size_sum{{{label}}} 8\n" in text
    assert f"mosec_service_batch_size_count{{{label}}} 2\n" in text
    assert f'mosec_service_batch_size_bucket{{le="2.0",{label}}} 0\n' in text
    assert f'mosec_service_batch_size_bucket{{le="4.0",{label}}} 2\n' in text
    assert f"mosec_service_batch_duration_second_count{{{label}}} 2\n" in text
    assert f"mosec_service_batch_limit{{{label}}} 4\n" in text


@pytest.mark.covers("INF-X2")
def test_a_latency_target_makes_batches_smaller_until_they_keep_it(serve):
    """Each request of a batch costs 20 ms; within 100 ms there is room for a few, not for 16."""
    server = serve(
        """
        import time
        import tiinfer
        from mosec import Worker

        class Slow(Worker):
            def forward(self, batch):
                time.sleep(0.02 * len(batch))
                return [len(batch)] * len(batch)

        tiinfer.append_worker(Slow, max_batch_size=16, max_wait_time=1, latency_target=100)
        """
    ).wait_ready()
    with ThreadPoolExecutor(24) as pool:
        sizes = list(pool.map(lambda x: server.predict(x).json(), range(240)))
    assert max(sizes[:48]) > 6  # it begins with what is allowed
    assert max(sizes[-48:]) <= 6
    text = server.http.get("/metrics").text
    (limit,) = (line for line in text.splitlines() if line.startswith("mosec_service_batch_limit{"))
    assert 1 <= int(limit.split()[-1]) <= 6


CARDS = """
    import os, time
    import tiinfer

    class M(tiinfer.Model):
        def predict(self, request):
            time.sleep(0.05)
            return [os.environ.get("CUDA_VISIBLE_DEVICES"), os.environ.get("PYTORCH_ALLOC_CONF")]
"""


@pytest.mark.covers("INF-X5")
def test_inference_processes_are_spread_over_the_devices(serve):
    server = serve(CARDS, "--devices", "0,2", "--memory-fraction", "0.4").wait_ready()
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: tuple(server.predict({}).json()), range(16)))
    limit = "per_process_memory_fraction:0.4"
    assert set(seen) == {("0", limit), ("2", limit)}
    assert len(server.children("multiprocessing.spawn")) == 2


@pytest.mark.covers("INF-X5")
def test_more_processes_than_devices_share_them_in_turn(serve):
    server = serve(CARDS, env={"TI_DEVICES": "1, 3", "TI_INFERENCE_NUMS": "3"}).wait_ready()
    with ThreadPoolExecutor(8) as pool:
        seen = {server_card for server_card, _ in pool.map(lambda _: server.predict({}).json(), range(24))}  # fmt: skip
    assert seen == {"1", "3"}
    assert len(server.children("multiprocessing.spawn")) == 3
