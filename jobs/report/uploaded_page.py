"""report.html of an uploaded test: the live model on its user's own test data, beside the evaluation at promotion."""

from typing import Any

from jobs.documents.context import Context
from jobs.documents.evaluation import EvaluationFile
from jobs.report import sections, sections_worth
from jobs.report.figures import Figures
from jobs.report.monitoring import metrics
from jobs.report.page import drawings
from jobs.report.sections import capped
from jobs.report.shell import page

Plain = dict[str, Any]
MOST_FILES = 40
MOST_WARNINGS = 40


def render_uploaded(context: Context, evaluation: EvaluationFile, curves: Plain) -> str:
    """The page as one HTML document.

    Args:
        context: context.json of the check.
        evaluation: evaluation.json with the blocks `at_promotion` and `uploaded`.
        curves: what `jobs.evaluate.curves` made of the predictions.
    """
    ours = evaluation["sagerelay"]
    promotion, uploaded = ours["at_promotion"], ours["uploaded"]
    figures = Figures(ours, ours["task"])
    table = sections.metrics(ours, figures)
    by_name = {entry["name"]: entry for entry in table}
    return page(
        "uploaded.html.jinja",
        ("style.css", "monitoring.css"),
        context=context,
        ours=ours,
        check=uploaded["check"],
        rows=f"{ours['rows']:,}",
        promotion=promotion | {"rows": f"{promotion['rows']:,}"},
        headlines=[by_name[name] for name in figures.headlines if name in by_name],
        metrics=table,
        against=metrics(promotion["metrics"], "value", figures),
        confusion=sections.confusion(ours),
        per_class=sections.per_class(ours),
        pictures=drawings(ours["task"], curves),
        legend=sections.curve_legend(curves) if ours["task"] != "regression" else [],
        thresholds=sections.thresholds(curves),
        curves=curves,
        compared=False,
        decision=sections_worth.decision(ours, figures),
        files=capped(uploaded["files"], MOST_FILES),
        counts=[(name.replace("_", " "), f"{count:,}") for name, count in uploaded["rows"].items()],
        warnings=capped(ours["warnings"], MOST_WARNINGS),
    )
