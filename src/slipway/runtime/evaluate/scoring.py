"""Answers -> scores.

accuracy   share of answers equal to the reference after trimming; for GSM8K, equal numbers
rouge1/2/L recall: the share of the reference's unigrams, bigrams, longest common subsequence
           that the answer has (not F1)
bleu4      0-100; 1- to 4-grams with equal weights and brevity penalty. Over a set it is the
           corpus score with exponential smoothing of empty orders; for one answer the orders
           that the answer is too short for are left out.
"""

import math
import re
import statistics
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from slipway.runtime.evaluate.config import Format, MetricName
from slipway.runtime.evaluate.tokenizing import Tokenizer

BLEU_SMOOTHING = "exp"
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?|-?\.\d+")


class Scorer:
    """Scores single answers and whole sets with the metrics asked for."""

    def __init__(
        self, metrics: Sequence[MetricName], tokenizer: Tokenizer, answer_format: Format
    ) -> None:
        self._metrics = tuple(metrics)
        self._tokenizer = tokenizer
        self._format = answer_format
        self._rouge = _rouge_scorer(self._metrics, tokenizer)

    @property
    def tokenizer_name(self) -> str:
        return str(self._tokenizer.name)

    def score(self, output: str, reference: str) -> dict[str, float]:
        """Scores of one answer. A query that failed is scored as an empty answer."""
        scores: dict[str, float] = {}
        if MetricName.ACCURACY in self._metrics:
            scores["accuracy"] = float(self._is_right(output, reference))
        if self._rouge:
            recalls = self._rouge.score(reference, output)
            scores |= {name: float(value.recall) for name, value in recalls.items()}
        if MetricName.BLEU4 in self._metrics:
            scores["bleu4"] = self._bleu([output], [reference], single=True)
        return scores

    def total(
        self, outputs: Sequence[str], references: Sequence[str], scores: Sequence[Mapping[str, Any]]
    ) -> dict[str, float]:
        """Metrics of a set: means, but BLEU is counted over the whole set."""
        totals: dict[str, float] = {}
        for name in self._metrics:
            if name is MetricName.BLEU4:
                totals[name] = self._bleu(outputs, references, single=False)
            else:
                totals[name] = statistics.fmean(entry[name] for entry in scores)
        return totals

    def standard_errors(self, scores: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """Of the metrics that are means. Needs two answers or more."""
        if len(scores) < 2:
            return {}
        return {
            str(name): statistics.stdev(entry[name] for entry in scores) / math.sqrt(len(scores))
            for name in self._metrics
            if name is not MetricName.BLEU4
        }

    def extracted(self, output: str) -> str | None:
        """The part of the answer that counts, where that is not the whole."""
        if self._format is not Format.GSM8K:
            return None
        number = last_number(output)
        return None if number is None else str(number)

    def _is_right(self, output: str, reference: str) -> bool:
        if self._format is Format.GSM8K:
            expected = last_number(reference)
            return expected is not None and last_number(output) == expected
        return output.strip() == reference.strip()

    def _bleu(self, outputs: Sequence[str], references: Sequence[str], *, single: bool) -> float:
        from sacrebleu.metrics.bleu import BLEU

        # Both sides are cut by our tokenizer already; effective order suits single sentences.
        bleu = BLEU(
            tokenize="none", smooth_method=BLEU_SMOOTHING, effective_order=single, force=True
        )
        hypotheses = [" ".join(self._tokenizer.tokenize(text)) for text in outputs]
        expected = [" ".join(self._tokenizer.tokenize(text)) for text in references]
        if single:
            return float(bleu.sentence_score(hypotheses[0], [expected[0]]).score)
        return float(bleu.corpus_score(hypotheses, [expected]).score)


def last_number(text: str) -> Decimal | None:
    """The number after the last `####`, or else the last number in the text."""
    _, mark, tail = text.rpartition("####")
    found = _NUMBER.findall(tail if mark else text)
    if not found:
        return None
    try:
        return Decimal((found[0] if mark else found[-1]).replace(",", "")).normalize()
    except InvalidOperation:
        return None


def _rouge_scorer(metrics: Sequence[MetricName], tokenizer: Tokenizer) -> Any:
    wanted = [str(name) for name in metrics if name.startswith("rouge")]
    if not wanted:
        return None
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(wanted, tokenizer=tokenizer)
