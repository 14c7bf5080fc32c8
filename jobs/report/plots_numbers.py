"""Pictures of a regression: predicted against actual, residuals against predicted, their distribution."""

from typing import Any

import numpy as np

from jobs.report.canvas import INK, MUTED, SERIES, drawing

Plain = dict[str, Any]


def predicted_against_actual(points: Plain) -> str:
    """On the diagonal the model is right."""
    actual, predicted = np.array(points["actual"]), np.array(points["predicted"])
    with drawing("fit", "Scatter plot: predicted against actual values") as picture:
        picture.axes.scatter(actual, predicted, 9, color=SERIES[0], alpha=0.45, linewidths=0)
        ends = float(min(actual.min(), predicted.min())), float(max(actual.max(), predicted.max()))
        picture.axes.plot(ends, ends, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        picture.axes.set(xlabel="Actual", ylabel="Predicted")
    return picture.svg


def residuals_by_predicted(points: Plain) -> str:
    """A band of even width around zero is what one hopes for; a curve or a funnel is a lesson."""
    actual, predicted = np.array(points["actual"]), np.array(points["predicted"])
    with drawing("residuals", "Scatter plot: residuals, actual minus predicted, against predicted values") as picture:
        picture.axes.axhline(0, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        picture.axes.scatter(predicted, actual - predicted, 9, color=SERIES[1], alpha=0.45, linewidths=0)
        picture.axes.set(xlabel="Predicted", ylabel="Actual − predicted")
    return picture.svg


def residual_distribution(residuals: Plain) -> str:
    """How large the errors are, and whether they lean to one side."""
    edges = np.array(residuals["edges"])
    with drawing("spread", "Histogram of residuals, actual minus predicted") as picture:
        picture.axes.bar(
            edges[:-1],
            residuals["counts"],
            np.diff(edges) * 0.92,
            align="edge",
            color=SERIES[1],
            alpha=0.8,
            linewidth=0,
        )
        picture.axes.axvline(residuals["mean"], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        picture.axes.set(xlabel="Actual − predicted", ylabel="Rows")
        picture.axes.grid(visible=False, axis="x")
    return picture.svg
