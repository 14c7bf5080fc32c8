"""Results as tables for docs/model-quality.md: losses by set and entrant, and the figures beside their targets."""

from collections.abc import Iterator, Sequence

from benchmarks.__main__ import figures as numbers
from benchmarks.__main__ import verdict
from benchmarks.models.entrants import AUTOML, OURS, TREES
from benchmarks.models.figures import all_figures, chosen, geometric_mean
from benchmarks.models.results import Results
from benchmarks.models.targets import TARGETS

COLUMNS = (OURS, *TREES, *AUTOML)


def document(results: Results, beside: str = "") -> str:
    """Markdown."""
    parts = [_table(list(_losses(results))), _table(list(_figures(results, beside)))]
    return "\n\n".join(part for part in parts if part)


def _losses(results: Results) -> Iterator[Sequence[str]]:
    """A row a set, the least loss in bold; the mean over the splits each entrant has done, and ours' seconds."""
    by_set: dict[str, dict[str, list[float]]] = {}
    seconds: dict[str, list[float]] = {}
    for entrant in COLUMNS:
        for run in chosen(results, entrant):
            by_set.setdefault(run.set, {}).setdefault(entrant, []).append(run.scores["loss"])
            if entrant == OURS:
                seconds.setdefault(run.set, []).append(run.seconds)
    if not by_set:
        return
    yield ("data", "splits", *COLUMNS, "seconds")
    for name, losses in by_set.items():
        means = {entrant: geometric_mean(values) for entrant, values in losses.items()}
        best = min(means.values())
        cells = [_loss(means[one], best=means[one] == best) if one in means else "–" for one in COLUMNS]
        took = seconds.get(name, [])
        yield (name, str(max(map(len, losses.values()))), *cells, f"{sum(took) / len(took):.0f}" if took else "–")


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
