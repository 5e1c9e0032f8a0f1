"""Starting, failing, overload and ending."""

import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from .servers import free_port, running, wait_for

SLOW = """
    import os, time
    import tiinfer
    class Model(tiinfer.Model):
        def predict(self, request):
            open("begun", "a").write("x")
            time.sleep(request["sleep"])
            return request
"""


def begun(tmp_path) -> int:
    path = tmp_path / "package" / "begun"
    return len(path.read_text()) if path.exists() else 0


@pytest.mark.covers("INF-12")
@pytest.mark.parametrize("nums", ["1", "3"])
@pytest.mark.parametrize(
    ("body", "reason"),
    [("return False", "load() returned False"), ("raise OSError('no weights')", "no weights")],
)
def test_a_model_that_does_not_load_ends_the_server(serve, nums, body, reason):
    server = serve(
        f"import tiinfer\nclass M(tiinfer.Model):\n    def load(self):\n        {body}\n",
        env={"TI_INFERENCE_NUMS": nums},
    )
    assert server.wait_exit() == 1
    assert "load model error" in server.output()
    assert reason in server.output()


@pytest.mark.covers("INF-12")
def test_a_worker_that_cannot_be_built_ends_the_server(serve):
    server = serve(
        """
        import tiinfer
        from mosec import Worker
        class Broken(Worker):
            def __init__(self):
                raise ValueError("bad weights")
            def forward(self, data):
                return data
        tiinfer.append_worker(Broken)
        """
    )
    assert server.wait_exit() == 1
    assert "load model error: ValueError: bad weights" in server.output()


@pytest.mark.covers("INF-12")
def test_load_without_a_return_value_counts_as_loaded(serve):
    server = serve(
        "import tiinfer\nclass M(tiinfer.Model):\n    def load(self):\n        pass\n"
    ).wait_ready()
    assert server.predict([1]).json() == [1]
    assert "load() returned nothing" in server.output()


@pytest.mark.covers("INF-25")
def test_probes_answer_while_the_model_loads(serve, tmp_path):
    server = serve(
        """
        import os, time
        import tiinfer
        class M(tiinfer.Model):
            def load(self):
                deadline = time.monotonic() + 30
                while not os.path.exists("go") and time.monotonic() < deadline:
                    time.sleep(0.01)
                return True
        """
    ).wait_ready("/healthz")
    assert server.http.get("/readyz").json()["status"] == "loading"
    refused = server.predict([1])
    assert refused.status_code == 503
    assert "still loading" in refused.json()["error"]
    (tmp_path / "package" / "go").touch()
    server.wait_ready()
    assert server.predict([1]).json() == [1]


@pytest.mark.covers("INF-36")
def test_a_busy_port_is_named(serve):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        server = serve("import tiinfer\nclass M(tiinfer.Model): pass\n", "--port", str(port))
        assert server.wait_exit() == 1
    assert f"Port {port} on 127.0.0.1 cannot be used (Address already in use)" in server.output()


@pytest.mark.covers("INF-06")
def test_rest_port_beats_port_and_mosec_port_and_must_be_a_number(serve, tmp_path):
    source = "import tiinfer\nclass M(tiinfer.Model): pass\n"
    server = serve(source, env={"PORT": "1", "MOSEC_PORT": "2"}).wait_ready()
    assert server.predict([1]).status_code == 200
    refused = serve(source, env={"REST_PORT": "http"})
    assert refused.wait_exit() == 1
    assert "REST_PORT='http' is not a port number" in refused.output()
    port = free_port()
    variables = {"TI_MODEL_DIR": str(tmp_path / "package"), "REST_PORT": "", "PORT": str(port)}
    with running(["-m", "tiinfer"], port, tmp_path, variables) as other:
        assert other.wait_ready().predict([2]).json() == [2]


@pytest.mark.covers("INF-05")
def test_help_is_ours_and_a_bad_timeout_is_refused(serve):
    source = "import tiinfer\nclass M(tiinfer.Model): pass\n"
    helped = serve(source, "--help")
    assert helped.wait_exit() == 0
    assert "--timeout MS" in helped.output()
    assert serve(source, "--timeout", "0").wait_exit() == 2


def test_a_directory_without_model_service_is_explained(tmp_path):
    (tmp_path / "empty").mkdir()
    for directory, reason in [
        (tmp_path / "empty", f"model_service.py not found in {tmp_path}/empty: "),
        (tmp_path / "nowhere", f"The model directory {tmp_path}/nowhere does not exist"),
    ]:
        variables = {"TI_MODEL_DIR": str(directory)}
        with running(["-m", "tiinfer"], 0, tmp_path, variables) as server:
            assert server.wait_exit() == 1
            assert reason in server.output()


@pytest.mark.covers("INF-27")
def test_a_full_queue_is_429(serve):
    server = serve(SLOW, "--capacity", "2", "--timeout", "5000").wait_ready()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: server.predict({"sleep": 0.3}).status_code, range(8)))
    assert set(statuses) == {200, 429}


@pytest.mark.covers("INF-30")
@pytest.mark.parametrize("whole_group", [False, True])
def test_sigterm_finishes_what_runs_and_takes_nothing_new(serve, tmp_path, whole_group):
    server = serve(SLOW, "--timeout", "10000").wait_ready()
    answers = []
    caller = threading.Thread(target=lambda: answers.append(server.predict({"sleep": 1})))
    caller.start()
    wait_for(lambda: begun(tmp_path) == 1, "the request is running")
    if whole_group:
        os.killpg(server.process.pid, signal.SIGTERM)
    else:
        server.process.terminate()

    def refused() -> bool:
        try:
            socket.create_connection(("127.0.0.1", server.port)).close()
        except ConnectionError:
            return True
        return False

    wait_for(refused, "new connections are refused")
    caller.join()
    assert answers[0].json() == {"sleep": 1}
    assert server.wait_exit() == 0


@pytest.mark.covers("INF-30")
def test_a_request_that_outlasts_the_timeout_does_not_hold_the_end_up(serve, tmp_path):
    server = serve(SLOW, "--timeout", "500").wait_ready()
    caller = threading.Thread(target=lambda: server.predict({"sleep": 60}))
    caller.start()
    wait_for(lambda: begun(tmp_path) == 1, "the request is running")
    asked = time.monotonic()
    server.process.terminate()
    assert server.wait_exit() == 0
    caller.join()
    assert time.monotonic() - asked < 10


@pytest.mark.covers("INF-29")
def test_the_server_stops_when_all_processes_of_a_stage_are_dead(serve):
    server = serve(
        "import os, tiinfer\nclass M(tiinfer.Model):\n"
        "    def predict(self, request):\n        os._exit(9)\n",
        "--timeout",
        "2000",
    ).wait_ready()
    assert server.predict({}).status_code in (408, 500, 502)
    assert server.wait_exit() == 1
    assert "all the AllHooks_1 workers exited" in server.output()


def test_a_deep_temporary_folder_is_no_hindrance(serve, tmp_path):
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    deep.mkdir(parents=True)
    source = "import tiinfer\nclass M(tiinfer.Model): pass\n"
    server = serve(source, env={"TMPDIR": str(deep)}).wait_ready()
    assert server.predict([1]).json() == [1]


def test_no_process_stays_when_the_server_is_killed(serve):
    server = serve("import tiinfer\nclass M(tiinfer.Model): pass\n").wait_ready()
    assert len(server.group()) >= 3  # the server, its crew, a worker
    server.process.kill()
    server.process.wait()
    wait_for(lambda: not server.group(), "all processes end")


def test_the_server_ends_when_its_crew_is_killed(serve):
    server = serve("import tiinfer\nclass M(tiinfer.Model): pass\n").wait_ready()
    (crew,) = server.children("tiinfer.crew")
    os.kill(crew, signal.SIGKILL)
    assert server.wait_exit() == 1
    assert "the model's processes have ended" in server.output()
