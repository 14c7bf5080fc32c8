"""Pictures of a classification: ROC, precision and recall, calibration."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from jobs.report.canvas import MUTED, SERIES, drawing

Plain = dict[str, Any]


def roc(curves: Plain) -> str | None:
    """True against false positive rate, one line a class, the live model dashed. None when nothing is defined."""
    lines = [one for one in curves["classes"] if one["recall"] and one["false_positive_rate"]]
    if not lines:
        return None
    with drawing("roc", "ROC curve: recall against false positive rate") as picture:
        axes = picture.axes
        axes.plot((0, 1), (0, 1), color=MUTED, linewidth=0.8, linestyle=(0, (2, 3)))
        live = curves.get("live")
        if live and live["recall"] and live["false_positive_rate"]:
            axes.plot(live["false_positive_rate"], live["recall"], color=MUTED, linestyle=(0, (4, 2)), linewidth=1.2)
        for place, one in enumerate(lines):
            axes.plot(one["false_positive_rate"], one["recall"], color=SERIES[place % len(SERIES)])
        if len(lines) == 1:
            axes.fill_between(
                lines[0]["false_positive_rate"], lines[0]["recall"], color=SERIES[0], alpha=0.08, linewidth=0
            )
        _unit(axes, "False positive rate", "Recall")
    return picture.svg


def precision_recall(curves: Plain) -> str | None:
    """Precision against recall, stepwise as average precision counts it. None when nothing is defined."""
    lines = [one for one in curves["classes"] if one["recall"]]
    if not lines:
        return None
    with drawing("pr", "Precision-recall curve: precision against recall") as picture:
        axes = picture.axes
        live = curves.get("live")
        if live and live["recall"]:
            axes.step(live["recall"], live["precision"], where="pre", color=MUTED, linestyle=(0, (4, 2)), linewidth=1.2)
        for place, one in enumerate(lines):
            axes.step(one["recall"], one["precision"], where="pre", color=SERIES[place % len(SERIES)])
        if len(lines) == 1:
            share = lines[0]["precision"][-1]
            axes.axhline(share, color=MUTED, linewidth=0.8, linestyle=(0, (2, 3)))
        _unit(axes, "Recall", "Precision")
    return picture.svg


def calibration(curves: Plain) -> str | None:
    """How often it came true against how likely it was said to be; the size of a dot is the number of rows."""
    bins = curves["calibration"]
    if not bins:
        return None
    most = max(one["rows"] for one in bins)
    with drawing("calibration", "Calibration: observed share against predicted probability") as picture:
        axes = picture.axes
        axes.plot((0, 1), (0, 1), color=MUTED, linewidth=0.8, linestyle=(0, (2, 3)))
        said, came = [one["predicted"] for one in bins], [one["observed"] for one in bins]
        axes.plot(said, came, color=SERIES[0], linewidth=1.0, alpha=0.5)
        axes.scatter(
            said,
            came,
            [14 + 90 * one["rows"] / most for one in bins],
            color=SERIES[0],
            alpha=0.75,
            linewidths=0,
            zorder=3,
        )
        _unit(axes, "Predicted probability", "Came true")
    return picture.svg


def _unit(axes: Axes, across: str, up: str) -> None:
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04), xlabel=across, ylabel=up)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axis.set_ticks([0, 0.25, 0.5, 0.75, 1.0])
