"""Real drift with real outcomes: what the monitor says about the ACS employment data, and what was true.

The data comes with the nannyml package (American Community Survey, Massachusetts: 68,785 people of 2015, 208,892 of
2016 to 2018, the answers of a model trained before, and whether each was employed). 2015 is what was held out at
promotion; the rest is traffic, in chunks of 5,000 in the order of time, because the data has no months. The answers
are those in the data, not of a model of ours, so that NannyML's CBPE estimates from the very same probabilities beside
us. Both never see the outcomes of 2016 to 2018, which then say how far each estimate was off.

A small test set is what most models have: the same again with 2,000 held-out rows, five different ones.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks import peers
from benchmarks.mailed import Looked, mails
from jobs.documents.drift import Finding
from jobs.drift.dependence import besides
from jobs.drift.findings import findings, thresholds
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score
from jobs.performance_estimation import AnswerCounts, calibration, estimate
from jobs.profiles.counts import Counts
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column, Reference
from jobs.profiles.row_sample import RowSample
from jobs.profiles.training import dependence
from jobs.settings import MONITORING

CHUNK, FEW, TIMES = 5_000, 2_000, 5
ACTUAL, PREDICTED, PROBABILITY = "employed", "prediction", "predicted_probability"
NUMERIC, NO_FEATURES = {"AGEP"}, {"id", "year", ACTUAL, PREDICTED, PROBABILITY}
CLASSES = ["no", "yes"]
THEIR_NAMES = {"auc": "roc_auc", "f1": "f1", "accuracy": "accuracy", "precision": "precision", "recall": "recall"}
Frame = pd.DataFrame


@dataclass(frozen=True)
class Estimates:
    """One method on all chunks: by metric an array (chunks, 3) of value, low and high."""

    by_metric: dict[str, Any]
    losses: tuple[str | None, ...] = ()
    lost: tuple[float, ...] = ()
    """In times of what is allowed."""


def measure() -> dict[str, Any]:
    """Mean absolute errors of both, their ratio, and how often the intervals hold the true value."""
    held_out, current = data()
    chunks = [current.iloc[start : start + CHUNK] for start in range(0, len(current), CHUNK)]
    true = {name: np.array([score(answers(chunk)).values[name] for chunk in chunks]) for name in THEIR_NAMES}
    ours, theirs = estimated(held_out, chunks), cbpe(held_out, current)
    print_months(held_out, chunks, ours, theirs, true)
    figures: dict[str, Any] = {"chunks": len(chunks), "all_rows": compared([(ours, theirs)], true)}
    draws = [held_out.sample(FEW, random_state=seed).reset_index(drop=True) for seed in range(TIMES)]
    small = compared([(estimated(few, chunks), cbpe(few, current)) for few in draws], true)
    figures["few_rows"] = small
    then = {name: score(answers(held_out)).values[name] for name in THEIR_NAMES}
    figures |= alarms(ours, then["auc"] - true["auc"])
    figures["unchanged_error"] = {name: float(np.abs(true[name] - then[name]).mean()) for name in THEIR_NAMES}
    return figures


def data() -> tuple[Frame, Frame]:
    """2015 and the years after it, outcomes included, out of the peers' environment."""
    home = peers.python().parents[1]
    folder = next(home.glob("lib/python*/site-packages/nannyml/datasets/data"))
    read = [
        pd.read_parquet(folder / f"employment_MA_{part}.pq") for part in ("reference", "analysis", "analysis_target")
    ]
    return read[0], read[1].merge(read[2], on="id")


def answers(frame: Frame) -> Predictions:
    chance = frame[PROBABILITY].to_numpy()
    both = np.stack([1 - chance, chance], axis=1)
    return Predictions("binary", frame[ACTUAL].to_numpy(), frame[PREDICTED].to_numpy(), both, 1)


def estimated(held_out: Frame, chunks: list[Frame]) -> Estimates:
    """What the monitor says of every chunk."""
    document: Any = {"task": "binary", "classes": CLASSES, "positive_class": "yes"}
    document["calibration"] = json.loads(json.dumps(calibration(answers(held_out), document)))
    found = []
    for chunk in chunks:
        counts, given = AnswerCounts.empty(document), answers(chunk)
        counts.add(pa.DictionaryArray.from_arrays(given.predicted, CLASSES), given.probability)
        found.append(estimate(document, counts, {}))
    values = {
        name: np.array([[one["metrics"][name][key] for key in ("estimated", "low", "high")] for one in found])
        for name in THEIR_NAMES
    }
    lost = [one["lost"]["amount"] / one["lost"]["allowed"] for one in found]
    return Estimates(values, tuple(one["loss"] for one in found), tuple(lost))


def cbpe(held_out: Frame, current: Frame) -> Estimates:
    """What NannyML says, in its own Python; it does not get the outcomes."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: str(Path(folder) / f"{name}.pq") for name in ("reference", "current")}
        held_out.to_parquet(files["reference"])
        current.drop(columns=ACTUAL).to_parquet(files["current"])
        arguments = {
            "problem_type": "classification_binary",
            "y_pred": PREDICTED,
            "y_pred_proba": PROBABILITY,
            "y_true": ACTUAL,
            "metrics": list(THEIR_NAMES.values()),
            "chunk_size": CHUNK,
        }
        found = peers.ask({"tool": "CBPE", "arguments": arguments, **files}, module=peers.ESTIMATES)
    return Estimates({ours: np.array(found[theirs]) for ours, theirs in THEIR_NAMES.items()})


def compared(pairs: list[tuple[Estimates, Estimates]], true: dict[str, Any]) -> dict[str, Any]:
    """Mean absolute error of ours, of CBPE, their ratio, and both coverages, by metric; averaged over the pairs."""
    figures: dict[str, dict[str, float]] = {}
    for name, truth in true.items():
        errors, covered = np.zeros(2), np.zeros(2)
        for pair in pairs:
            value, low, high = np.stack([one.by_metric[name].T for one in pair], axis=1)
            errors += np.abs(value - truth).mean(axis=1) / len(pairs)
            covered += ((low <= truth) & (truth <= high)).mean(axis=1) / len(pairs)
        figures[name] = {
            "error": float(errors[0]),
            "error_cbpe": float(errors[1]),
            "ratio": float(errors[0] / errors[1]),
            "covered": float(covered[0]),
            "covered_cbpe": float(covered[1]),
        }
    return figures


def alarms(ours: Estimates, true_loss: Any) -> dict[str, int]:
    """Of the deciding metric: chunks that lost more than allowed, those of them found, and those called so wrongly."""
    lost, said = true_loss > MONITORING["max_loss"], np.array(ours.losses) == "certain"
    return {
        "losses": int(lost.sum()),
        "losses_called_certain": int((lost & said).sum()),
        "wrongly_called_certain": int((said & (true_loss <= 0)).sum()),
    }


def drift(held_out: Frame, chunks: list[Frame]) -> Iterator[tuple[list[str], list[Finding]]]:
    """The drifted features of every chunk, worst first, and all findings. That the file is in an order of time within
    a year is not known: the rows of a chunk are weighed, and there are no blocks of the training period."""
    features = [name for name in held_out.columns if name not in NO_FEATURES]
    kinds = {name: "numeric" if name in NUMERIC else "categorical" for name in features}
    described = describe([Column(name, kind, cells(held_out, name)) for name, kind in kinds.items()])
    references = [Reference.read(column) for column in described]
    known = dependence(references, {name: cells(held_out, name) for name in features})
    for chunk in chunks:
        now = {name: cells(chunk, name) for name in features}
        pairs = [(one, Counts.empty(one).add(now[one.name])) for one in references]
        sample = RowSample.none(references, known["many_valued"])
        beside = besides(known, sample.add(len(chunk), now, np.arange(len(chunk), dtype=np.float64)))
        found = findings(pairs, thresholds({}, pairs), {}, beside)
        yield [one["name"] for one in found if one["verdict"] == "drifted"], found


def cells(frame: Frame, name: str) -> Any:
    if name in NUMERIC:
        return frame[name].to_numpy()
    return pa.array(frame[name].astype(str)).dictionary_encode()


def print_months(
    held_out: Frame, chunks: list[Frame], ours: Estimates, theirs: Estimates, true: dict[str, Any]
) -> None:
    """The table that a person reads."""
    then = score(answers(held_out)).values["auc"]
    print(f"ACS employment, model of the data, {len(held_out):,} rows of 2015 held out: ROC AUC {then:.3f}")
    print("year   drifted  worst feature       estimated AUC          loss      CBPE   true   true loss  mail")
    said, years = list(drift(held_out, chunks)), [int(chunk["year"].iloc[0]) for chunk in chunks]
    # The data names no months: a year's chunks are taken as evenly spread over it.
    of_year = [years[:place].count(year) / years.count(year) for place, year in enumerate(years)]
    at = [
        datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=365 * part) for year, part in zip(years, of_year, strict=True)
    ]
    told = mails(
        [
            Looked(when, tuple(names), loss, lost)
            for when, (names, _), loss, lost in zip(at, said, ours.losses, ours.lost, strict=True)
        ]
    )
    for place, (drifted, found) in enumerate(said):
        value, low, high = ours.by_metric["auc"][place]
        worst = f"{found[0]['name']} {found[0]['score']:.3f}" if found else "-"
        truth = true["auc"][place]
        print(
            f"{years[place]}  {len(drifted):>7}   {worst:<17} {value:.3f} ({low:.3f}-{high:.3f})  "
            f"{ours.losses[place]!s:<8}  {theirs.by_metric['auc'][place][0]:.3f}  {truth:.3f}  {then - truth:+.3f}"
            f"     {told[place]}"
        )
    for year in sorted(set(years)):
        here = [place for place, one in enumerate(years) if one == year]
        names = [name for place in here for name in said[place][0]]
        counted = ", ".join(
            f"{name} {names.count(name)}" for name in sorted(set(names), key=lambda n: (-names.count(n), n))
        )
        raised, sent = sum(bool(said[place][0]) for place in here), sum(bool(told[place]) for place in here)
        print(f"{year}: {len(here)} checks, {raised} raised, {sent} mails; {counted or 'no column'}")


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
