"""The report of a run: its parts put together."""

from typing import Any

from markupsafe import Markup

from jobs.documents.context import Context
from jobs.documents.evaluation import EvaluationFile
from jobs.documents.trials import Trials
from jobs.report import plots_classes, plots_numbers, sections, sections_effects, sections_run, sections_worth
from jobs.report.figures import Figures
from jobs.report.shell import page, picture
from jobs.schema import Schema

Plain = dict[str, Any]


def render(context: Context, schema: Schema, evaluation: EvaluationFile, curves: Plain, trials: Trials | None) -> str:
    """The report as one HTML page.

    Args:
        context: context.json.
        schema: schema.json.
        evaluation: evaluation.json, both blocks.
        curves: what `jobs.evaluate.curves` made of the predictions.
        trials: trials.json, or None when nothing was tuned.
    """
    ours = evaluation["sagerelay"]
    figures = Figures(ours, ours["task"])
    table = sections.metrics(ours, figures)
    by_name = {entry["name"]: entry for entry in table}
    return page(
        "report.html.jinja",
        context=context,
        ours=ours,
        rows=f"{ours['rows']:,}",
        headlines=[by_name[name] for name in figures.headlines if name in by_name],
        metrics=table,
        compared=ours.get("comparison") is not None,
        best=sections.best_earlier(ours, figures),
        on_traffic=ours.get("on_traffic"),
        confusion=sections.confusion(ours),
        per_class=sections.per_class(ours),
        pictures=drawings(ours["task"], curves),
        legend=sections.curve_legend(curves) if ours["task"] != "regression" else [],
        thresholds=sections.thresholds(curves),
        curves=curves,
        leaderboard=sections_worth.leaderboard(ours, figures, tuned=trials is not None),
        permutation=sections_worth.permutation(ours, figures),
        effects=sections_effects.effects(ours),
        decision=sections_worth.decision(ours, figures),
        importance=sections.importance(ours),
        tuning=_drawn(sections_run.tuning(trials)),
        data=sections_run.data(schema, ours["warnings"]),
        lineage=sections_run.lineage(context, schema),
    )


def drawings(task: str, curves: Plain) -> dict[str, Markup | None]:
    """The pictures of an evaluation by name, as its templates ask for them."""
    if task == "regression":
        found: dict[str, str | None] = {
            "fit": plots_numbers.predicted_against_actual(curves["points"]),
            "residuals": plots_numbers.residuals_by_predicted(curves["points"]),
            "spread": plots_numbers.residual_distribution(curves["residuals"]),
        }
    else:
        found = {
            "roc": plots_classes.roc(curves),
            "pr": plots_classes.precision_recall(curves),
            "calibration": plots_classes.calibration(curves),
        }
    return {name: picture(svg) for name, svg in found.items()}


def _drawn(tuning: Plain | None) -> Plain | None:
    if tuning is None:
        return None
    slices = [{"name": one["name"], "svg": picture(one["svg"])} for one in tuning["slices"]]
    return tuning | {"picture": picture(tuning["picture"]), "slices": slices}
