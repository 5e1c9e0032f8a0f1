"""Warm-up before readiness, and loading a new model beside the one that answers."""

import os
import signal
import threading

import pytest

from .servers import wait_for

VERSIONED = """
    import os
    import tiinfer

    class Versioned(tiinfer.Model):
        def load(self):
            versions = [name for name in os.listdir(self.model_dir) if name.isdigit()]
            newest = max(versions, key=int)
            self.text = open(os.path.join(self.model_dir, newest, "weights.txt")).read()
            if self.text == "broken":
                raise ValueError("weights are cut short")
            return True

        def predict(self, request):
            return {"text": self.text, "pid": os.getpid()}
"""


def write_version(tmp_path, number: int, text: str) -> None:
    folder = tmp_path / "package" / str(number)
    folder.mkdir(parents=True)
    (folder / "weights.txt").write_text(text)


def status(server):
    return server.http.get("/status").json()


@pytest.mark.covers("INF-X6")
@pytest.mark.parametrize("where", ["file", "attribute"])
def test_every_process_has_answered_an_example_before_the_server_is_ready(serve, tmp_path, where):
    package = tmp_path / "package"
    package.mkdir()
    attribute = ""
    if where == "file":
        (package / "warmup.json").write_text('[{"warm": 1}, {"warm": 2}]')
    else:
        attribute = 'examples = [{"warm": 1}, {"warm": 2}]'
    server = serve(
        f"""
        import os
        import tiinfer
        class M(tiinfer.Model):
            {attribute}
            def note(self, hook, request):
                if "warm" in request:
                    open(f"{{hook}}-{{os.getpid()}}-{{request['warm']}}", "w").close()
                return request
            def preprocess(self, request):
                return self.note("pre", request)
            def predict(self, request):
                return self.note("predict", request)
        """,
        env={"TI_PREPROCESS_NUMS": "2", "TI_INFERENCE_NUMS": "3"},
    ).wait_ready()
    for hook, processes in (("pre", 2), ("predict", 3)):
        notes = [path.name.split("-") for path in package.glob(f"{hook}-*")]
        assert len({pid for _, pid, _ in notes}) == processes
        assert {number for _, _, number in notes} == {"1", "2"}
    assert server.predict({"x": 1}).json() == {"x": 1}


@pytest.mark.covers("INF-X6")
def test_an_example_that_fails_keeps_the_server_from_being_ready(serve):
    server = serve(
        """
        import tiinfer
        class M(tiinfer.Model):
            examples = [{}]
            def predict(self, request):
                return request["missing"]
        """
    )
    assert server.wait_exit() == 1
    assert "an example for the warm-up failed" in server.output()
    assert "KeyError: 'missing'" in server.output()


@pytest.mark.covers("INF-X8")
def test_a_reload_takes_over_without_losing_a_request_and_the_old_processes_end(serve, tmp_path):
    write_version(tmp_path, 1, "one")
    server = serve(VERSIONED, env={"TI_INFERENCE_NUMS": "2"}).wait_ready()
    assert server.predict({}).json()["text"] == "one"
    old = set(server.group())
    write_version(tmp_path, 2, "two")

    stop, seen = threading.Event(), []

    def call() -> None:
        while not stop.is_set():
            answer = server.predict({})
            seen.append((answer.status_code, answer.json()["text"]))

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: status(server)["generation"] == 2, "the new model answers", server.output)
    begun = len(seen)
    wait_for(lambda: len(seen) > begun + 20, "more calls")
    stop.set()
    for caller in callers:
        caller.join()
    assert {code for code, _ in seen} == {200}
    assert {text for _, text in seen} == {"one", "two"}
    assert server.predict({}).json()["text"] == "two"
    assert status(server)["last_reload"] == {"ok": True, "generation": 2, "reason": ""}
    wait_for(
        lambda: old & set(server.group()) == {server.process.pid}, "the old processes end",
        server.output,
    )  # fmt: skip


@pytest.mark.covers("INF-X8")
def test_a_model_that_does_not_load_leaves_the_old_one_answering(serve, tmp_path):
    write_version(tmp_path, 1, "one")
    server = serve(VERSIONED).wait_ready()
    before = server.predict({}).json()
    write_version(tmp_path, 2, "broken")
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: status(server)["last_reload"], "the reload ends", server.output)
    told = status(server)
    assert (told["generation"], told["last_reload"]["ok"]) == (1, False)
    assert "weights are cut short" in server.output()
    assert server.predict({}).json() == before
    write_version(tmp_path, 3, "three")
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: status(server)["last_reload"]["ok"], "the next reload ends", server.output)
    assert server.predict({}).json()["text"] == "three"


@pytest.mark.covers("INF-X8")
def test_a_link_to_the_model_directory_can_be_moved_to_another_one(serve, tmp_path):
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "model_service.py").write_text(
            "import tiinfer, helper\n"
            "class M(tiinfer.Model):\n"
            "    def predict(self, request):\n"
            "        return helper.NAME\n"
        )
        (folder / "helper.py").write_text(f"NAME = {name!r}\n")
    link = tmp_path / "current"
    link.symlink_to("first")
    server = serve("", env={"TI_MODEL_DIR": str(link)}).wait_ready()
    assert server.predict({}).json() == "first"
    (tmp_path / "next").symlink_to("second")
    os.replace(tmp_path / "next", link)
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: status(server)["generation"] == 2, "the new model answers", server.output)
    assert server.predict({}).json() == "second"


@pytest.mark.covers("INF-45")
def test_a_new_sub_version_is_loaded_by_itself_and_old_ones_are_removed(serve, tmp_path):
    write_version(tmp_path, 1700000001, "one")
    write_version(tmp_path, 1700000002, "two")
    variables = {"TI_HOT_UPDATE": "1", "TI_HOT_UPDATE_KEEP": "2"}
    server = serve(VERSIONED, env=variables).wait_ready()
    assert server.predict({}).json()["text"] == "two"
    wait_for(lambda: "watching" in server.output(), "it looks for new versions")
    write_version(tmp_path, 1700000003, "three")
    wait_for(lambda: status(server)["generation"] == 2, "the new version answers", server.output)
    assert server.predict({}).json()["text"] == "three"

    def left() -> list[str]:
        return sorted(p.name for p in (tmp_path / "package").iterdir() if p.name.isdigit())

    wait_for(lambda: left() == ["1700000002", "1700000003"], "the oldest is removed", server.output)
    assert status(server)["last_reload"]["ok"]


def test_without_hot_update_a_new_sub_version_changes_nothing(serve, tmp_path):
    write_version(tmp_path, 1, "one")
    server = serve(VERSIONED).wait_ready()
    write_version(tmp_path, 2, "two")
    assert "watching" not in server.output()
    assert server.predict({}).json()["text"] == "one"
