"""The metric that decides at the gate, and what of the gate's settings does not suit it."""

from __future__ import annotations

from chalicelib.contract.metrics import METRICS, Task, deciding
from chalicelib.settings.max_loss import Meant, beyond_all, has_unit
from chalicelib.settings.stored import Gate


def gate_metric(asked: str, task: Task) -> str:
    """The metric that decides: the one asked for, or the task's default.

    Raises:
        ValueError: the metric asked for does not exist for this task.
    """
    metric = deciding(asked, task)
    if metric not in METRICS[task].names:
        allowed = ", ".join(sorted(METRICS[task].names))
        raise ValueError(f'gate.metric "{asked}" does not exist for a {task} target. Allowed for it: {allowed}.')
    return metric


def suits(gate: Gate, meant: Meant, task: Task) -> None:
    """Whether the gate can judge this task's models.

    Raises:
        ValueError: it cannot, with a sentence.
    """
    metric = METRICS[task][gate_metric(gate["metric"], task)]
    if has_unit(metric) and meant is not Meant.AMOUNT:
        wrong = beyond_all("gate", gate["max_loss"], f"the live model's {metric.title}")
        if wrong:
            raise ValueError(wrong)
