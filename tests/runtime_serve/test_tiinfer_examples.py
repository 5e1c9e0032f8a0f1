"""The manual's own listings, and the layouts that it documents."""

import pytest

ADDER = """
    from typing import Dict
    import tiinfer

    class AdderModel(tiinfer.Model):
        def __init__(self, model_dir: str):
            super().__init__(model_dir)

        def load(self) -> bool:
            self.ready = True
            return self.ready

        def preprocess(self, request: Dict) -> Dict:
            return request

        def predict(self, request: Dict) -> Dict:
            return {'result': request['a'] + request['b']}

        def postprocess(self, result: Dict) -> Dict:
            return result
"""

HELLO = """
    from typing import Dict
    import tiinfer
    import mosec

    import logging
    import sys
    logger_formatter = "%(asctime)s %(levelname)s %(module)s:%(lineno)d %(message)s"
    logging.basicConfig(stream=sys.stdout, format=logger_formatter, level=logging.DEBUG)

    class HelloWorld(mosec.Worker):
        def forward(self, req: Dict) -> Dict:
            logging.info("asked")
            return {"hello": f"world. raw req is {req}"}

    tiinfer.append_worker(HelloWorld, num=2)
"""

# Each hook and the load leave their process id behind.
TRACER = """
    import os
    import tiinfer

    class Tracer(tiinfer.Model):
        def load(self):
            self.loaded_by = os.getpid()
            return True

        def preprocess(self, request):
            return {"pre": os.getpid()}

        def predict(self, request):
            return request | {"load": self.loaded_by, "predict": os.getpid()}

        def postprocess(self, request):
            return request | {"post": os.getpid()}
"""


@pytest.mark.covers("INF-06", "INF-09", "INF-38")
def test_the_adder_adds(serve):
    server = serve(ADDER, "--timeout", "30000").wait_ready()
    answer = server.predict({"a": 1, "b": 2})
    assert (answer.status_code, answer.json()) == (200, {"result": 3})
    assert answer.headers["content-type"] == "application/json"
    assert answer.text == '{\n  "result": 3\n}'
    without_type = server.http.post("/v1/models/m:predict", content='{"a": 1, "b": 2}')
    assert without_type.json() == {"result": 3}


@pytest.mark.covers("INF-16")
def test_the_adder_needs_no_other_hook_than_predict(serve):
    server = serve(
        """
        import tiinfer
        class Adder(tiinfer.Model):
            def predict(self, request):
                return {"result": request["a"] + request["b"]}
        """
    ).wait_ready()
    assert server.predict({"a": 1, "b": 2}).json() == {"result": 3}


@pytest.mark.covers("INF-24", "INF-31", "INF-37")
def test_hello_answers_with_the_request_and_logs_once_in_the_users_format(serve):
    server = serve(HELLO, "--timeout", "30000").wait_ready()
    answer = server.predict({"key": "values"})
    assert answer.json() == {"hello": "world. raw req is {'key': 'values'}"}
    lines = [line for line in server.output().splitlines() if line.endswith("asked")]
    assert len(lines) == 1
    assert " INFO model_service:" in lines[0]


@pytest.mark.covers("INF-37")
def test_hello_without_its_import_fails_naming_the_module(serve):
    server = serve(HELLO.replace("import mosec\n", ""))
    assert server.wait_exit() == 1
    assert "name 'mosec' is not defined" in server.output()


@pytest.mark.covers("INF-31")
def test_framework_logs_go_to_stdout_once_where_the_user_configures_nothing(serve):
    server = serve(
        """
        import logging
        import tiinfer
        class Model(tiinfer.Model):
            def load(self):
                logging.info("weights are here")
                return True
        """
    ).wait_ready()
    wanted = ["weights are here", "TI_INFERENCE_NUMS=1", "socket connected"]
    for text in wanted:
        assert sum(text in line for line in server.output().splitlines()) == 1, text


@pytest.mark.covers("INF-11", "INF-14", "INF-18", "INF-19", "INF-20")
@pytest.mark.parametrize(
    ("pre", "inference", "post", "groups"),
    [
        (0, 1, 0, [{"load", "pre", "predict", "post"}]),
        (2, 1, 1, [{"pre"}, {"load", "predict"}, {"post"}]),
        (2, 1, 0, [{"pre"}, {"load", "predict", "post"}]),
        (0, 2, 1, [{"load", "pre", "predict"}, {"post"}]),
    ],
)
def test_hooks_run_where_the_counts_put_them(serve, pre, inference, post, groups):
    counts = {
        "TI_PREPROCESS_NUMS": str(pre),
        "TI_INFERENCE_NUMS": str(inference),
        "TI_POSTPROCESS_NUMS": str(post),
    }
    server = serve(TRACER, env=counts).wait_ready()
    places = server.predict({}).json()
    by_process: dict[int, set[str]] = {}
    for hook, pid in places.items():
        by_process.setdefault(pid, set()).add(hook)
    assert sorted(by_process.values(), key=sorted) == sorted(groups, key=sorted)
    workers = server.children("multiprocessing.spawn")
    assert len(workers) == pre + inference + post
    assert f"TI_INFERENCE_NUMS={inference}" in server.output()


@pytest.mark.covers("INF-11")
def test_the_workers_attribute_counts_where_the_variable_is_not_set(serve):
    source = TRACER.replace(
        "def load", "def __init__(self, path):\n            super().__init__(path)\n"
        "            self.workers = 3\n\n        def load",
    )  # fmt: skip
    server = serve(source).wait_ready()
    assert len(server.children("multiprocessing.spawn")) == 3


@pytest.mark.covers("INF-20")
def test_a_count_that_is_no_number_is_reported_and_the_default_is_used(serve):
    server = serve(TRACER, env={"TI_INFERENCE_NUMS": "two"}).wait_ready()
    assert len(server.children("multiprocessing.spawn")) == 1
    assert "TI_INFERENCE_NUMS='two' is not an integer; using 1" in server.output()


@pytest.mark.covers("INF-19")
def test_no_inference_process_is_refused(serve):
    server = serve(TRACER, env={"TI_INFERENCE_NUMS": "0"})
    assert server.wait_exit() == 1
    assert "at least 1 inference process is needed" in server.output()


@pytest.mark.covers("INF-32")
def test_a_set_call_at_import_takes_effect(serve):
    server = serve(
        "import tiinfer\ntiinfer.set_ti_inference_nums(2)\n"
        "class M(tiinfer.Model):\n"
        "    def predict(self, request):\n"
        "        return [tiinfer.get_ti_inference_nums(), tiinfer.TI_MODEL_DIR]\n"
    ).wait_ready()
    answer = server.predict({}).json()
    assert answer[0] == 2
    assert answer[1].endswith("/package")
    assert len(server.children("multiprocessing.spawn")) == 2


@pytest.mark.covers("INF-21")
def test_a_batching_stage_gets_lists_and_each_caller_its_own_answer(serve):
    from concurrent.futures import ThreadPoolExecutor

    server = serve(
        """
        import tiinfer
        class M(tiinfer.Model):
            def preprocess(self, requests):
                assert isinstance(requests, list)
                return requests
            def predict(self, requests):
                if any(r["x"] < 0 for r in requests):
                    return []
                return [{"x": r["x"], "batch": len(requests)} for r in requests]
        """,
        env={"TI_INFERENCE_MAX_BATCH_SIZE": "4"},
    ).wait_ready()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda x: server.predict({"x": x}).json(), range(8)))
    assert [answer["x"] for answer in answers] == list(range(8))
    assert max(answer["batch"] for answer in answers) > 1
    assert server.predict({"x": -1}).status_code == 500  # a list of the wrong length


@pytest.mark.covers("INF-21")
def test_without_batching_a_hook_gets_one_object(serve):
    server = serve(
        "import tiinfer\n"
        "class M(tiinfer.Model):\n"
        "    def predict(self, request):\n"
        "        return type(request).__name__\n"
    ).wait_ready()
    assert server.predict({}).json() == "dict"
    assert server.predict([1]).json() == "list"


@pytest.mark.covers("INF-22", "INF-23", "INF-24")
def test_stages_pass_any_object_on_and_keep_their_order_and_variables(serve):
    server = serve(
        """
        import os
        import tiinfer
        from mosec import Worker

        class Pre(Worker):
            def forward(self, data):
                return {"set": set(data["items"]), "pre": os.environ["STAGE"]}

        class Infer(Worker):
            def __init__(self):
                super().__init__()
                self.card = os.environ["CARD"]
            def forward(self, data):
                return data | {"sum": sum(data["set"]), "card": self.card}

        class Post(Worker):
            def forward(self, data):
                return {"sum": data["sum"], "pre": data["pre"], "card": data["card"]}

        tiinfer.append_worker(Pre, 1, "fork", [{"STAGE": "one"}])
        tiinfer.append_worker(Infer, 2, env=[{"CARD": "0"}, {"CARD": "1"}])
        tiinfer.append_worker(Post, 1)
        """
    ).wait_ready()
    wait = [server.predict({"items": [1, 2, 2]}).json() for _ in range(20)]
    assert {answer["sum"] for answer in wait} == {3}
    assert {answer["pre"] for answer in wait} == {"one"}
    assert {answer["card"] for answer in wait} <= {"0", "1"}


@pytest.mark.covers("INF-24")
def test_two_inference_processes_work_at_the_same_time(serve):
    from concurrent.futures import ThreadPoolExecutor

    server = serve(
        """
        import os, time
        import tiinfer
        from mosec import Worker

        class Meet(Worker):
            def forward(self, data):
                open(f"here-{data['me']}", "w").close()
                deadline = time.monotonic() + 20
                while not os.path.exists(f"here-{data['other']}"):
                    assert time.monotonic() < deadline
                    time.sleep(0.01)
                return data["me"]

        tiinfer.append_worker(Meet, 2)
        """
    ).wait_ready()
    import time

    def loaded() -> bool:
        return server.output().count("socket connected") == 2

    deadline = time.monotonic() + 20
    while not loaded() and time.monotonic() < deadline:
        time.sleep(0.02)
    with ThreadPoolExecutor(2) as pool:
        pairs = [{"me": "a", "other": "b"}, {"me": "b", "other": "a"}]
        answers = list(pool.map(server.predict, pairs))
    assert [answer.json() for answer in answers] == ["a", "b"]


@pytest.mark.covers("INF-10")
def test_a_model_class_wins_over_appended_workers(serve):
    source = HELLO + "\n    class M(tiinfer.Model):\n        pass\n"
    server = serve(source).wait_ready()
    assert server.predict({"x": 1}).json() == {"x": 1}
    assert "append_worker calls are ignored" in server.output()


@pytest.mark.covers("INF-10")
@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import tiinfer\n", "neither a subclass of tiinfer.Model nor a call of"),
        (
            "import tiinfer\nclass B(tiinfer.Model): pass\nclass A(tiinfer.Model): pass\n",
            "more than one tiinfer.Model class: A, B",
        ),
        ("raise SystemExit(0)", "model_service.py ended the program"),
        ("def (", "could not be imported: SyntaxError"),
    ],
)
def test_a_package_that_says_nothing_clear_is_refused(serve, source, reason):
    server = serve(source)
    assert server.wait_exit() == 1
    assert reason in server.output()


@pytest.mark.covers("INF-22", "INF-23")
@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("append_worker(dict)", "worker <class 'dict'> is not a subclass of mosec.Worker"),
        ("append_worker(NoForward)", "worker NoForward has no forward method"),
        ("append_worker(W, num=0)", "num=0 is not an integer of at least 1"),
        ("append_worker(W, 1, 'threads')", "start_method 'threads'"),
        ("append_worker(W, 2, env=[{}])", "env has 1 entries for num=2"),
        ("append_worker(W, env=[{'A': 1}])", "env must be a list of dicts from text to text"),
        ("append_worker(W, max_batch_size=0)", "max_batch_size=0"),
        ("append_worker(W, timeout=-1)", "timeout must be 0 or more"),
    ],
)
def test_a_bad_argument_of_append_worker_is_named(call, reason):
    import mosec

    import tiinfer
    from tiinfer.stages import PackageError

    class W(mosec.Worker):
        def forward(self, data):
            return data

    class NoForward(mosec.Worker):
        pass

    names = {"append_worker": tiinfer.append_worker, "W": W, "NoForward": NoForward}
    with pytest.raises(PackageError) as refused:
        eval(call, names)
    assert reason in str(refused.value)


@pytest.mark.covers("INF-02")
def test_helper_modules_and_relative_files_are_found(serve, tmp_path):
    helpers = tmp_path / "package" / "utils"
    helpers.mkdir(parents=True)
    (helpers / "__init__.py").touch()
    (helpers / "general.py").write_text("FACTOR = 3\n")
    (tmp_path / "package" / "model").mkdir()
    (tmp_path / "package" / "model" / "weights.txt").write_text("7")
    server = serve(
        """
        import os
        import tiinfer
        from utils.general import FACTOR
        class M(tiinfer.Model):
            def load(self):
                self.relative = int(open("model/weights.txt").read())
                self.absolute = int(open(os.path.join(self.model_dir, "model/weights.txt")).read())
                return True
            def predict(self, request):
                return [FACTOR, self.relative, self.absolute]
        """,
        env={"TI_PREPROCESS_NUMS": "1"},
    ).wait_ready()
    assert server.predict({}).json() == [3, 7, 7]


@pytest.mark.covers("INF-01")
def test_the_names_that_packages_import_exist():
    import mosec

    import tiinfer
    import tiinfer.utils

    assert issubclass(mosec.Worker, object)
    assert tiinfer.utils.image_to_cv2_mat
    for name in tiinfer.__all__:
        assert hasattr(tiinfer, name), name


@pytest.mark.covers("INF-17")
def test_an_error_dict_of_a_hook_is_the_answer(serve):
    server = serve(
        "import tiinfer\n"
        "class M(tiinfer.Model):\n"
        "    def preprocess(self, request):\n"
        "        return {'error': 'preprocess failed'}\n"
    ).wait_ready()
    answer = server.predict({})
    assert (answer.status_code, answer.json()) == (200, {"error": "preprocess failed"})
