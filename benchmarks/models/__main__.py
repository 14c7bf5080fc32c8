"""`python -m benchmarks models MEASUREMENT`: see the package. Everything measured is kept, and not measured again."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.__main__ import figures, print_table, verdict
from benchmarks.models import results as kept
from benchmarks.models.entrants import AUTOML, ENTRANTS, OURS, TREES
from benchmarks.models.million import ROUNDS, ROWS, measured
from benchmarks.models.results import Results
from benchmarks.models.rounds import Order, measure
from benchmarks.models.serving import served
from benchmarks.models.sets import BINARY, PACKAGED, REGRESSION, DataSet, of_folder
from benchmarks.models.splits import GIVEN
from benchmarks.models.tables import document
from benchmarks.models.targets import TARGETS

MEASUREMENTS = {
    "loss": "losses on held-out rows, ours against all",
    "few-rows": "AUC of ten draws of 200 training rows, against a regularised linear model",
    "calibration": "expected calibration error, against a Platt-scaled single model",
    "serving": "answer times, against AutoGluon and one booster of as many trees",
    "million": "training a million rows, against plain xgboost",
    "table": "nothing is measured: tables and figures of what was",
}
ENTRANTS_OF = {"loss": (OURS, *TREES, *AUTOML), "few-rows": (OURS, "linear"), "calibration": (OURS, "platt")}
DRAWS = 10


def main(arguments: Sequence[str] | None = None) -> None:
    given = _parser().parse_args(arguments)
    results = Results.read(given.results)
    if given.measurement == "table":
        print(document(results, given.beside.read_text(encoding="utf-8") if given.beside else ""))
    elif given.measurement == "million":
        _show("million", measured(given.rows, given.rounds, given.cores), results)
    elif given.measurement == "serving":
        _show("serving", served(_order(given, given.measurement), results), results)
    else:
        measure(_order(given, given.measurement), results)


def _parser() -> argparse.ArgumentParser:
    told = "\n".join(f"  {name:<12} {what}" for name, what in MEASUREMENTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks models", description=told, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measurement", choices=MEASUREMENTS, metavar="MEASUREMENT")
    parser.add_argument("--sets", type=_words, help=f"all without any: {', '.join(one.name for one in PACKAGED)}")
    parser.add_argument("--folder", type=Path, help="sets of your own: NAME.train.csv and NAME.test.csv")
    parser.add_argument(
        "--target", action="append", default=[], metavar="NAME=COLUMN", help="what a set of --folder predicts"
    )
    parser.add_argument("--targets", type=Path, help="a file with a line NAME=COLUMN for each set of --folder")
    parser.add_argument("--peers", type=_words, help="instead of all of the measurement")
    parser.add_argument("--splits", type=int, help="how many, from the first; 5 (few-rows: 10 draws)")
    parser.add_argument("--as-given", action="store_true", help="the parts of --folder as they are, and no splits")
    parser.add_argument("--again", type=_words, default=[], help="entrants to measure although their results are kept")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--trials", type=int, help="of our tuning; 0 for none; the product's default without")
    parser.add_argument(
        "--stretch", type=float, default=1.0, help="what limits are multiplied by, on a crowded machine"
    )
    parser.add_argument("--rows", type=int, default=ROWS, help="of the measurement million")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of each booster in the measurement million")
    parser.add_argument("--results", type=Path, default=kept.place(), help="where results are kept: %(default)s")
    parser.add_argument("--beside", type=Path, help="table: losses measured elsewhere, lines `NAME split N: LOSS`")
    return parser


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def _order(given: argparse.Namespace, measurement: str) -> Order:
    """What the command line asks for. Ends the program for a name that nothing has."""
    few = measurement == "few-rows"
    entrants = _entrants(given.peers, measurement)
    splits = [GIVEN] if given.as_given else list(range(given.splits or (DRAWS if few else 5)))
    sets = [one for one in _sets(given) if measurement in {"loss", "serving"} or one.task != REGRESSION]
    if few:
        sets = [one for one in sets if one.task == BINARY]
    return Order(sets, splits, entrants, given.cores, given.trials, few, frozenset(given.again), given.stretch)


def _entrants(peers: list[str] | None, measurement: str) -> Sequence[str]:
    if peers is None:
        return ENTRANTS_OF.get(measurement, ())
    if unknown := sorted(set(peers) - set(ENTRANTS)):
        sys.exit(f"nobody is called {', '.join(unknown)}; there are {', '.join(ENTRANTS)}")
    return peers


def _sets(given: argparse.Namespace) -> list[DataSet]:
    if given.folder:
        lines = [*given.target, *(given.targets.read_text(encoding="utf-8").split("\n") if given.targets else ())]
        targets = {name.strip(): column.strip() for name, _, column in (line.partition("=") for line in lines)}
        found = list(of_folder(given.folder, targets, given.sets))
    else:
        found = list(PACKAGED)
    if unknown := sorted(set(given.sets or ()) - {one.name for one in found}):
        sys.exit(f"no set is called {', '.join(unknown)}; there are {', '.join(one.name for one in found)}")
    return [one for one in found if given.sets is None or one.name in given.sets]


def _show(name: str, found: dict[str, object], results: Results) -> None:
    results.add_figures(name, found)
    rows = [(figure, f"{value:,.4g}", *verdict(value, TARGETS.get(figure))) for figure, value in figures({name: found})]
    print_table([("figure", "measured", "target", ""), *rows])


if __name__ == "__main__":
    main()
