"""What a job's log says about its metrics, read the way SageMaker reads it: with regular expressions, line by line.

The built-in XGBoost prints `[12]<TAB>train-auc:0.9<TAB>validation-auc:0.8`; SageMaker's log shows a tab as `#011`,
which is what its built-in expressions look for. linear-learner has an expression for each metric. The tuner goes by the
*last* value printed, not the best one.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.containers.stand_in import Metadata

_ROUND = re.compile(r"\[(?P<round>\d+)\]")
_EPOCH = re.compile(r"\bepoch=(?P<round>\d+)")


@dataclass(frozen=True)
class Point:
    """One value of one metric; `step` is the boosting round or the epoch, else the line's number."""

    step: int
    metric: str
    value: float


def points(
    lines: Iterable[str], definitions: Sequence[dict[str, str]] = (), known: Metadata | None = None
) -> list[Point]:
    r"""Every metric value in the lines, in order. `definitions` are a request's MetricDefinitions (Name, Regex);
    `known` what SageMaker knows of its own algorithm.

    >>> from local import containers
    >>> known = containers.BUILT_IN.of("/sagemaker-xgboost:3.2-0").metadata()
    >>> points(["[3]\ttrain-auc:0.9\tvalidation-auc:0.8", "saved"], known=known)[1]
    Point(step=3, metric='validation:auc', value=0.8)
    """
    own = [(item["Name"], re.compile(item["Regex"])) for item in definitions]
    own += [(name, re.compile(regex)) for name, regex in known.expressions.items()] if known else []
    printed = re.compile(known.printed) if known and known.printed else None
    found: list[Point] = []
    for number, line in enumerate(lines):
        round_ = _ROUND.search(line)
        if round_ and printed:
            matches = printed.finditer(line)
            values = [(f"{match['channel']}:{match['metric']}", match["value"]) for match in matches]
        else:
            values = []
        values += [(name, match[1]) for name, regex in own if (match := regex.search(line.replace("\t", "#011")))]
        at = round_ or _EPOCH.search(line)
        step = int(at["round"]) if at else number
        found += [Point(step, name, value) for name, text in values if (value := _number(text)) is not None]
    return found


def last_values(found: Iterable[Point]) -> dict[str, float]:
    """The last value of each metric."""
    return {point.metric: point.value for point in found}


class Tail:
    """Reads a growing log, whole lines only, each once."""

    def __init__(self, path: Path, definitions: Sequence[dict[str, str]] = (), known: Metadata | None = None) -> None:
        self._known = known
        self._path = path
        self._definitions = definitions
        self._offset = 0
        self.found: list[Point] = []

    def read(self) -> list[Point]:
        """The points that are new since the last call."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as log:
            log.seek(self._offset)
            data = log.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        new = points(whole.decode("utf-8", errors="replace").splitlines(), self._definitions, self._known)
        self.found += new
        return new


def final_metrics(found: Iterable[Point], at: Any) -> list[dict[str, Any]]:
    """DescribeTrainingJob's FinalMetricDataList."""
    return [{"MetricName": name, "Value": value, "Timestamp": at} for name, value in last_values(found).items()]


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
