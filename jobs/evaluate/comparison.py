"""`python3 -m jobs.evaluate.comparison`: the models of several algorithms on the rows that were held out, each from its
archives and without an endpoint; arguments and files as in docs/formats.md.

A model that is gone or that does not fit these rows becomes a sentence, and the others are compared. Nothing is decided
here: the run goes on with the best by the metric of its gate (`chalicelib/relay/legs.py`).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from jobs.algorithms import BUILT_IN, Registry
from jobs.documents.comparison import Compared, Comparison, Contestants, ToCompare
from jobs.documents.evaluation import OF_AN_ALGORITHM, Leaderboard
from jobs.documents.reading import read
from jobs.evaluate import best
from jobs.evaluate.answers import actual_values
from jobs.evaluate.artifact import UNREADABLE
from jobs.evaluate.best import Archives, Model, UnfitError
from jobs.evaluate.leaderboard import MOST_ROWS, answer_times
from jobs.evaluate.live import request_columns
from jobs.evaluate.permutation import Cells, chosen
from jobs.metrics.catalogue import CATALOGUE, Catalogue, Entry
from jobs.metrics.confusion import FloatArray
from jobs.metrics.intervals import Metric, measure
from jobs.metrics.predictions import Predictions
from jobs.metrics.row_losses import Loss
from jobs.refusals import run
from jobs.schema import Schema, positive_of, read_schema
from jobs.tables.bodies import read_cells, read_target


def main(arguments: list[str]) -> int:
    """Run the job; its exit code."""
    return run(lambda: compare(_parsed(arguments)))


def compare(
    paths: argparse.Namespace,
    catalogue: Catalogue = CATALOGUE,
    offered: Registry = BUILT_IN,
    clock: Callable[[], float] = time.perf_counter,
) -> None:
    """Ask every model, measure, and write comparison.json."""
    given: Contestants = read(paths.contestants)
    schema = read_schema(paths.prepared / "schema.json")
    actual = actual_values(read_target(paths.test, schema["target"]), schema)
    places = chosen(len(actual), MOST_ROWS)
    truth = Predictions(schema["task"], actual[places], actual[places], None, positive_of(schema))
    metric = catalogue.deciding(given["settings"].get("gate") or {}, schema["task"])
    shown = Catalogue([catalogue[name] for name in dict.fromkeys((metric, Loss.of(schema["task"]).name))])
    entries, said = [], dict[str, Predictions]()
    for number, one in enumerate(given["contestants"], 1):
        try:
            with tempfile.TemporaryDirectory() as folder:
                archives = _archives(paths.models, number)
                model = best.read(archives, Path(folder), offered)
                names = request_columns(model.schema)
                cells = read_cells(paths.test, names, places)
                said[one["name"]] = best.in_terms_of(schema, model, _scores(model, cells), truth)
                times = answer_times(partial(model.scores, names), cells, clock)
                entries.append(_entry(one, said[one["name"]], times, schema, shown))
        except (UnfitError, *UNREADABLE) as failure:
            entries.append(_absent(one, f"What its training left cannot be asked about these rows: {failure}"))
        print(f"asked {one['title']}: {entries[-1]['unavailable'] or f'{truth.rows:,} rows'}", flush=True)
    found: Comparison = {
        "version": 1,
        "run": given["run"],
        "metric": metric,
        "loss": Loss.of(schema["task"]).name,
        "rows": truth.rows,
        "entries": entries,
        "sentence": sentence(entries, said, schema["classes"], catalogue[metric]),
    }
    paths.output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, allow_nan=False, indent=1, ensure_ascii=False)
    (paths.output / "comparison.json").write_text(text, encoding="utf-8")


def sentence(
    entries: Sequence[Compared], said: dict[str, Predictions], classes: list[str] | None, entry: Entry
) -> str | None:
    """The best beside the one after it, by the metric that decides; None where there are not two to compare."""
    sign = -1 if entry.smaller_is_better else 1
    values = [(one, value) for one in entries if (value := _value(one, entry.name)) is not None]
    if len(values) < 2:
        return None
    (first, its), (second, other), *_ = sorted(values, key=lambda one: -sign * one[1])
    compared = measure(said[first["name"]], said[second["name"]], classes, catalogue=Catalogue([entry]))
    difference = compared.differences[entry.name] if compared.differences else None
    figures = f"{entry.title} {entry.number(its)} and {entry.number(other)}"
    return f"{first['title']} is ahead of {second['title']}: {figures}, {_certainty(difference, sign, entry)}."


def _certainty(difference: Metric | None, sign: int, entry: Entry) -> str:
    if difference is None or difference.low is None or difference.high is None:
        return "and these rows do not tell whether by chance"
    worst = difference.low if sign > 0 else difference.high
    reach = f"95 % interval of the difference {entry.signed(difference.low)} to {entry.signed(difference.high)}"
    return f"{'for certain' if sign * worst > 0 else 'which chance explains'} ({reach})"


def beside_own(own: Leaderboard | None, found: Comparison | None, winner: str) -> Leaderboard | None:
    """The leaderboard of a model that won over other algorithms: its own with theirs below, or of them alone."""
    if found is None:
        return own
    entries = [one for one in found["entries"] if one["metrics"]]
    if own is None:
        board: Leaderboard = {
            "metric": found["metric"],
            "loss": found["loss"],
            "rows": found["rows"],
            "entries": [],
            "members": [],
            "against_linear": None,
            "linear_would_do": False,
            "sentence": None,
        }
    else:
        board, entries = {**own}, [one for one in entries if one["name"] != winner]
    for one in entries:
        line = {name: value for name, value in one.items() if name != "unavailable"}
        board["entries"] = [*board["entries"], {**line, "name": f"{OF_AN_ALGORITHM}{one['name']}"}]  # type: ignore[typeddict-item]
    told = [said for said in (found["sentence"], board["sentence"]) if said]
    return {**board, "sentence": " ".join(told) or None, "winner": winner}


def _value(one: Compared, metric: str) -> float | None:
    return one["metrics"][metric]["value"] if metric in one["metrics"] else None


def _archives(folder: Path, number: int) -> Archives:
    return Archives(folder / f"model-{number}" / "model.tar.gz", folder / f"encoder-{number}" / "model.tar.gz")


def _scores(model: Model, cells: Cells) -> FloatArray:
    names = request_columns(model.schema)
    return np.concatenate(
        [model.scores(names, cells[at : at + best.AT_ONCE]) for at in range(0, len(cells), best.AT_ONCE)]
    )


def _entry(one: ToCompare, said: Predictions, times: dict[str, float], schema: Schema, shown: Catalogue) -> Compared:
    measured = measure(said, None, schema["classes"], catalogue=shown).candidate.metrics
    return {
        **_absent(one, None),
        "metrics": {entry.name: measured[entry.name].to_json() for entry in shown.entries},
        "answer_ms": times,
    }


def _absent(one: ToCompare, why: str | None) -> Compared:
    return {
        "name": one["name"],
        "title": one["title"],
        "metrics": {},
        "seconds": one["seconds"],
        "answer_ms": {},
        "unavailable": why,
    }


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="jobs.evaluate.comparison", description=__doc__)
    for name in ("contestants", "prepared", "test", "models", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
