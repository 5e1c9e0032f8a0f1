"""TensorFlow demos: SavedModels that judge words and recommend things, and a frozen graph."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from slipway.runtime.serve.demos import praise, write_files, write_words

_NLP_PARTS = """
    def words(self):
        with open(os.path.join(self.model_dir, "model", "vocab.txt")) as file:
            return {word: at for at, word in enumerate(file.read().split())}

    def preprocess(self, request):
        return [self.ids.get(word, 0) for word in request["text"].lower().split()]

    def postprocess(self, request):
        best = int(request.argmax())
        return {"label": ["negative", "positive"][best], "score": round(float(request[best]), 4)}
"""
_SAVED_NLP = f"""
import os

import tensorflow as tf
import tiinfer


class Demo(tiinfer.Model):
    def load(self):
        self.ids = self.words()
        saved = tf.saved_model.load(os.path.join(self.model_dir, "model", "saved"))
        self.judge = saved.signatures["serving_default"]
        return True

    def predict(self, request):
        return self.judge(words=tf.constant(request, tf.int32))["scores"].numpy()
{_NLP_PARTS}"""
_FROZEN_NLP = f"""
import os

import tensorflow as tf
import tiinfer


class Demo(tiinfer.Model):
    def load(self):
        self.ids = self.words()
        graph = tf.compat.v1.GraphDef()
        with open(os.path.join(self.model_dir, "model", "frozen.pb"), "rb") as file:
            graph.ParseFromString(file.read())

        def imported():
            tf.compat.v1.import_graph_def(graph, name="")

        wrapped = tf.compat.v1.wrap_function(imported, [])
        with open(os.path.join(self.model_dir, "model", "names.txt")) as file:
            given, found = file.read().split()
        graph = wrapped.graph
        self.judge = wrapped.prune(graph.as_graph_element(given), graph.as_graph_element(found))
        return True

    def predict(self, request):
        return self.judge(tf.constant(request, tf.int32)).numpy()
{_NLP_PARTS}"""
_RECOMMEND = """
import os

import tensorflow as tf
import tiinfer

ITEMS = ["bicycle", "helmet", "novel", "lamp"]


class Demo(tiinfer.Model):
    def load(self):
        saved = tf.saved_model.load(os.path.join(self.model_dir, "model", "saved"))
        self.score = saved.signatures["serving_default"]
        return True

    def preprocess(self, request):
        return [ITEMS.index(item) for item in request["bought"]]

    def predict(self, request):
        scores = self.score(items=tf.constant(request, tf.int32))["scores"].numpy()
        scores[request] = -1  # bought already
        return scores

    def postprocess(self, request):
        return {"items": [ITEMS[at] for at in request.argsort()[::-1][:2]]}
"""
# How often two things are bought together.
_TOGETHER = [[1.0, 0.9, 0.1, 0.3], [0.9, 1.0, 0.0, 0.2], [0.1, 0.0, 1.0, 0.8], [0.3, 0.2, 0.8, 1.0]]
_ASKED = {"text": "great and fast"}
_JUDGED = {"label": "positive", "score": 0.935}
_WORDS = tf.TensorSpec([None], tf.int32, name="words")


class _Judge(tf.Module):  # type: ignore[misc]
    def __init__(self, weights: list[list[float]]) -> None:
        super().__init__()
        self.weights = tf.Variable(weights)

    @tf.function(input_signature=[_WORDS])  # type: ignore[untyped-decorator]
    def judge(self, words: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"scores": tf.nn.softmax(tf.reduce_mean(tf.gather(self.weights, words), 0))}


class _Recommender(tf.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.together = tf.Variable(_TOGETHER)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="items")])  # type: ignore[untyped-decorator]
    def score(self, items: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"scores": tf.reduce_sum(tf.gather(self.together, items), 0)}


def write_nlp(directory: Path) -> None:
    model = write_files(directory, service=_SAVED_NLP, request=_ASKED, expected=_JUDGED)
    write_words(model)
    judge = _Judge(praise())
    tf.saved_model.save(judge, str(model / "saved"), signatures=judge.judge)


def write_recommend(directory: Path) -> None:
    model = write_files(
        directory, service=_RECOMMEND, request={"bought": ["bicycle"]},
        expected={"items": ["helmet", "lamp"]},
    )  # fmt: skip
    recommender = _Recommender()
    tf.saved_model.save(recommender, str(model / "saved"), signatures=recommender.score)


def write_frozen_nlp(directory: Path) -> None:
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    model = write_files(directory, service=_FROZEN_NLP, request=_ASKED, expected=_JUDGED)
    write_words(model)
    judge = _Judge(praise())
    frozen = convert_variables_to_constants_v2(judge.judge.get_concrete_function())
    (model / "frozen.pb").write_bytes(frozen.graph.as_graph_def().SerializeToString())
    names = f"{frozen.inputs[0].name} {frozen.outputs[0].name}\n"
    (model / "names.txt").write_text(names)
