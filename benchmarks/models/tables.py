"""Results as tables for docs/model-quality.md: losses by set and entrant, ratios by set, few rows, calibration, answer
times, and the figures beside their targets."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from benchmarks.__main__ import figures as numbers
from benchmarks.__main__ import verdict
from benchmarks.models.entrants import AUTOML, OURS, TREES
from benchmarks.models.figures import (
    all_figures,
    calibrated_pairs,
    chosen,
    comparisons,
    few_draws,
    geometric_mean,
)
from benchmarks.models.results import Results, Run
from benchmarks.models.sets import PACKAGED
from benchmarks.models.targets import TARGETS

COLUMNS = (OURS, *TREES, *AUTOML)


def document(results: Results, beside: str = "") -> str:
    """Markdown."""
    tables = (_losses(results), _ratios(results, beside), _few_rows(results), _calibration(results), _serving(results))
    parts = [_table(list(rows)) for rows in (*tables, _figures(results, beside))]
    return "\n\n".join(part for part in parts if part)


def _losses(results: Results) -> Iterator[Sequence[str]]:
    """A row a set, the least loss in bold: the mean over the splits that all of the row have done; ours' seconds."""
    by_set: dict[str, dict[str, dict[int, Run]]] = {}
    for entrant in COLUMNS:
        for run in chosen(results, entrant):
            by_set.setdefault(run.set, {}).setdefault(entrant, {})[run.split] = run
    if not by_set:
        return
    yield ("data", "splits", *COLUMNS, "seconds")
    for name in _in_order(by_set):
        runs = by_set[name]
        common = sorted(set.intersection(*(set(by_split) for by_split in runs.values())))
        if not common:
            continue
        means = {one: geometric_mean(by[split].scores["loss"] for split in common) for one, by in runs.items()}
        best = min(means.values())
        cells = [_loss(means[one], best=means[one] == best) if one in means else "–" for one in COLUMNS]
        took = [runs[OURS][split].seconds for split in common] if OURS in runs else []
        yield (name, str(len(common)), *cells, f"{sum(took) / len(took):.0f}" if took else "–")


def _ratios(results: Results, beside: str) -> Iterator[Sequence[str]]:
    """A row a set: our loss over that of those who have a target, and in brackets over how many splits."""
    found = {name: compared for name, compared in comparisons(results, beside).items() if compared}
    if not found:
        return
    yield ("ours over", *found)
    for name in _in_order({name: None for compared in found.values() for name in compared}):
        cells = [compared.get(name) for compared in found.values()]
        yield (name, *(f"{one.ratio:.3f} ({one.splits})" if one else "–" for one in cells))


def _few_rows(results: Results) -> Iterator[Sequence[str]]:
    """A row a set: mean AUC of draws of 200 rows, and the mean difference with its standard error."""
    draws = few_draws(results)
    if not draws:
        return
    yield (
        "200 rows",
        "draws",
        "ours, AUC",
        "linear, AUC",
        "gain",
        "standard error",
        "ours, log loss",
        "linear, log loss",
    )
    for name in _in_order(draws):
        pairs = draws[name]
        auc = np.array([[one.scores["auc"] for one in pair] for pair in pairs])
        loss = np.array([[one.scores["loss"] for one in pair] for pair in pairs]).mean(axis=0)
        gain = auc[:, 0] - auc[:, 1]
        error = f"{gain.std(ddof=1) / len(gain) ** 0.5:.4f}" if len(gain) > 1 else "–"
        means = (f"{value:.4f}" for value in auc.mean(axis=0))
        yield (name, str(len(pairs)), *means, f"{gain.mean():+.4f}", error, *(f"{value:.4f}" for value in loss))


def _calibration(results: Results) -> Iterator[Sequence[str]]:
    pairs = calibrated_pairs(results)
    if not pairs:
        return
    yield ("calibration error", "splits", "ours", "Platt-scaled")
    for name in _in_order({key[0]: None for key in pairs}):
        errors = np.array([both for key, both in pairs.items() if key[0] == name])
        yield (name, str(len(errors)), *(f"{value:.4f}" for value in errors.mean(axis=0)))


def _serving(results: Results) -> Iterator[Sequence[str]]:
    """A row a set and count of rows: milliseconds by the clock, and in brackets the processor's."""
    sets = results.others.get("serving", {}).get("sets", {})
    if not sets:
        return
    names = ("ours", "one_booster", "autogluon")
    yield ("answers", "trees", "rows", *names)
    for name, one in sets.items():
        for rows in ("1", "1000"):
            cells = (f"{one[rows][who]:.2f} ({one[rows][f'cpu_{who}']:.2f})" for who in names)
            yield (name, f"{one['trees']:,}", rows, *cells)


def _in_order(names: Iterable[str]) -> list[str]:
    """From few rows to many, as the sets are listed; others behind them."""
    places = {one.name: place for place, one in enumerate(PACKAGED)}
    return sorted(names, key=lambda name: places.get(name, len(places)))


def _loss(value: float, *, best: bool) -> str:
    text = f"{value:,.4g}" if value < 1000 else f"{value:,.0f}"
    return f"**{text}**" if best else text


def _figures(results: Results, beside: str) -> Iterator[Sequence[str]]:
    yield ("figure", "measured", "target", "")
    for name, value in numbers(all_figures(results, beside)):
        yield (name, f"{value:,.4g}", *verdict(value, TARGETS.get(name)))


def _table(rows: list[Sequence[str]]) -> str:
    if len(rows) < 2:
        return ""
    head, *body = ("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])
