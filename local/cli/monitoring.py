"""Two looks at the monitor of a live model -> the lines to tell, oldest first. Pure, as changes.py is for runs."""

from chalicelib.monitoring.record import Check, Condition, Monitor


def changes(before: Monitor, after: Monitor) -> list[str]:
    """What happened between two looks, a line each: checks, what they found, troubles, retrainings."""
    lines = []
    if after.live and (before.live is None or before.live.run != after.live.run):
        lines.append(f"monitoring: over the model of run {after.live.run} from now on")
    running = {check.ordinal for check in after.checks}
    known = {check.ordinal for check in before.checks}
    lines += [f"monitoring: {_name(check)} ended" for check in before.checks if check.ordinal not in running]
    lines += [f"monitoring: {_name(check)} begun" for check in after.checks if check.ordinal not in known]
    lines += _condition("drift", before.drift, after.drift)
    lines += _condition("quality", before.quality, after.quality)
    lines += [f"monitoring: trouble: {trouble}" for trouble in after.open_alerts if trouble not in before.open_alerts]
    lines += [f"monitoring: over: {trouble}" for trouble in before.open_alerts if trouble not in after.open_alerts]
    if after.retraining.number > before.retraining.number:
        lines.append(f"monitoring: retraining {after.retraining.number} is asked for")
    if after.retraining.stopped and not before.retraining.stopped:
        lines.append("monitoring: retraining has stopped: it brought no gain")
    return lines


def status(monitor: Monitor) -> str:
    """How things are, in a line; "" where nothing is monitored.

    >>> status(Monitor("churn"))
    ''
    """
    if monitor.live is None:
        return ""
    checked = f"last check {monitor.last_drift.began:%Y-%m-%d %H:%M} UTC" if monitor.last_drift else "not checked yet"
    quality = f"; quality {_words(monitor.quality)}" if monitor.quality.state != "unknown" else ""
    troubles = f"; trouble: {', '.join(monitor.open_alerts)}" if monitor.open_alerts else ""
    off = "" if monitor.enabled else " (off)"
    return f"monitoring{off}: drift {_words(monitor.drift)}{quality}; {checked}{troubles}"


def _condition(what: str, before: Condition, after: Condition) -> list[str]:
    return [] if after.state == before.state else [f"monitoring: {what}: {before.state} -> {_words(after)}"]


def _words(condition: Condition) -> str:
    return f"{condition.state} since {condition.since}" if condition.since else condition.state


def _name(check: Check) -> str:
    about = f" ({check.subject})" if check.subject else ""
    again = f", attempt {check.attempt}" if check.attempt > 1 else ""
    return f"{check.kind} check {check.ordinal}{about}{again}"
