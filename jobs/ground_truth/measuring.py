"""The metrics of the live model on real traffic, beside those at promotion, and whether the deciding one fell.

It fell when the loss is larger than `max_loss` allows *and* certain: with a hundred labels an F1 is off by several
points either way, and an alert for every such swing would soon be read by nobody. Where the metric cannot be computed
(all labels so far are of one class) there are not enough labels: nothing was measured, so nothing was kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from jobs.documents.evaluation import Evaluation
from jobs.documents.metrics import Compared, Lost
from jobs.metrics.catalogue import CATALOGUE, Catalogue
from jobs.metrics.comparison import compared, is_certain_loss, loss, sentence
from jobs.metrics.intervals import Metric, measure
from jobs.metrics.max_loss import AMOUNT, allowed
from jobs.metrics.predictions import Predictions
from jobs.settings import MONITORING, MonitoringSettings

FELL, KEPT, TOO_FEW = "fell", "kept", "not-enough-labels"


@dataclass(frozen=True)
class Rule:
    """The settings that decide: `metric` by name, `max_loss` and how it is `meant`, the fewest labelled rows; and what
    is measured at all."""

    metric: str
    max_loss: float
    min_labels: int
    catalogue: Catalogue = CATALOGUE
    meant: str = AMOUNT

    @classmethod
    def of(cls, settings: MonitoringSettings, task: str, catalogue: Catalogue = CATALOGUE, meant: str = AMOUNT) -> Rule:
        """From relay.yaml's "monitoring"; a metric that the task does not have is "auto"."""
        return cls(
            catalogue.deciding(settings, task),
            float(settings.get("max_loss", MONITORING["max_loss"])),
            int(settings.get("min_labels", MONITORING["min_labels"])),
            catalogue,
            meant,
        )


@dataclass(frozen=True)
class Measured:
    """`metrics` as in quality.json, the state and its sentence, the confusion matrix (None in regression), and what the
    deciding metric has lost (None where undefined)."""

    state: str
    sentence: str
    metrics: dict[str, Compared]
    matrix: list[list[int]] | None
    lost: Lost | None = None


def compare(
    predictions: Predictions, classes: list[str] | None, evaluation: Evaluation, rule: Rule, *, labelled: int
) -> Measured:
    """The verdict on the rows that the live model answered.

    Args:
        predictions: those rows; none at all is allowed.
        classes: the model's, None in regression.
        evaluation: the `sagerelay` block of evaluation.json at promotion.
        rule: what decides.
        labelled: rows with a label, whatever model answered them: for the sentence.
    """
    rows, catalogue = predictions.rows, rule.catalogue
    names = catalogue.published(predictions.task)
    if rows:
        found = measure(predictions, None, classes, catalogue=catalogue).candidate
        metrics, matrix = found.metrics, found.scores.matrix
    else:
        nothing = Metric(None, None, None, "No row with a label was answered by the live model.")
        metrics, matrix = dict.fromkeys(names, nothing), None
    blocks, differences = compared({name: metrics[name] for name in names}, rows, evaluation, matrix, catalogue)
    state, told = _verdict(rule, blocks[rule.metric], differences[rule.metric], rows, labelled)
    lost = _lost(rule, blocks[rule.metric], differences[rule.metric])
    return Measured(state, told, blocks, None if matrix is None else matrix.astype(int).tolist(), lost)


def _lost(rule: Rule, block: Compared, found: Metric) -> Lost | None:
    amount = loss(rule.metric, found, rule.catalogue)
    if amount is None:
        return None
    limit = allowed(rule.max_loss, rule.meant, rule.catalogue[rule.metric], block["at_promotion"])
    return {"amount": amount, "allowed": limit.amount}


def _verdict(rule: Rule, block: Compared, found: Metric, rows: int, labelled: int) -> tuple[str, str]:
    if rows < rule.min_labels:
        return TOO_FEW, _too_few(rule, rows, labelled)
    told, lost = sentence(rule.metric, block, rule.catalogue), loss(rule.metric, found, rule.catalogue)
    if lost is None:
        return TOO_FEW, f"{told}."
    limit = allowed(rule.max_loss, rule.meant, rule.catalogue[rule.metric], block["at_promotion"])
    allows = f"the {limit.words} that monitoring.max_loss allows"
    ending = f".{limit.note and f' {limit.note}'}"
    if not is_certain_loss(rule.metric, found, rule.catalogue):
        if lost > limit.amount:
            return KEPT, f"{told}: more than {allows}, but {rows:,} labels do not make it certain{ending}"
        return KEPT, f"{told}: no certain loss{ending}"
    if lost > limit.amount:
        certain = ", certain all the same" if block.get("few_at_promotion") else ""
        return FELL, f"{told}: more than {allows}{certain}{ending}"
    return KEPT, f"{told}: a certain loss, within {allows}{ending}"


def _too_few(rule: Rule, rows: int, labelled: int) -> str:
    others = f" ({labelled - rows:,} more belong to earlier models or have no answer)" if labelled > rows else ""
    noun = "row" if rows == 1 else "rows"
    return (
        f"{rows:,} {noun} that the live model answered {'has' if rows == 1 else 'have'} a label{others}; "
        f"{rule.min_labels:,} are needed (monitoring.min_labels)."
    )
