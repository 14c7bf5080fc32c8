"""Two looks at the watch over a live model -> the lines to tell, oldest first. Pure, as story.py is for runs."""

from chalicelib.watch.record import Check, Condition, Watch


def changes(before: Watch, after: Watch) -> list[str]:
    """What happened between two looks, a line each: checks, what they found, troubles, retrainings."""
    lines = []
    if after.live and (before.live is None or before.live.run != after.live.run):
        lines.append(f"watch: over the model of run {after.live.run} from now on")
    running = {check.ordinal for check in after.checks}
    known = {check.ordinal for check in before.checks}
    lines += [f"watch: {_name(check)} ended" for check in before.checks if check.ordinal not in running]
    lines += [f"watch: {_name(check)} begun" for check in after.checks if check.ordinal not in known]
    lines += _condition("drift", before.drift, after.drift)
    lines += _condition("quality", before.quality, after.quality)
    lines += [f"watch: trouble: {trouble}" for trouble in after.told if trouble not in before.told]
    lines += [f"watch: over: {trouble}" for trouble in before.told if trouble not in after.told]
    if after.retraining.number > before.retraining.number:
        lines.append(f"watch: retraining {after.retraining.number} is asked for")
    if after.retraining.stopped and not before.retraining.stopped:
        lines.append("watch: retraining has stopped: it brought no gain")
    return lines


def standing(watch: Watch) -> str:
    """How things are, in a line; "" where nothing is watched.

    >>> standing(Watch("churn"))
    ''
    """
    if watch.live is None:
        return ""
    checked = f"last check {watch.last_drift.began:%Y-%m-%d %H:%M} UTC" if watch.last_drift else "not checked yet"
    quality = f"; quality {_words(watch.quality)}" if watch.quality.state != "unknown" else ""
    troubles = f"; trouble: {', '.join(watch.told)}" if watch.told else ""
    off = "" if watch.enabled else " (monitoring is off)"
    return f"watch{off}: drift {_words(watch.drift)}{quality}; {checked}{troubles}"


def _condition(what: str, before: Condition, after: Condition) -> list[str]:
    return [] if after.state == before.state else [f"watch: {what}: {before.state} -> {_words(after)}"]


def _words(condition: Condition) -> str:
    return f"{condition.state} since {condition.since}" if condition.since else condition.state


def _name(check: Check) -> str:
    about = f" ({check.subject})" if check.subject else ""
    again = f", attempt {check.attempt}" if check.attempt > 1 else ""
    return f"{check.kind} check {check.ordinal}{about}{again}"
