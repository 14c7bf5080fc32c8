"""Two looks at a run -> the lines to tell, oldest first. Pure: the same two looks always tell the same.

A line says one thing that happened; who prints it decides about time stamps and colours.
"""

from chalicelib.contract.metrics import hyperparameter, number
from chalicelib.names import Step
from local.cli.progress import TITLES, Figure, Progress, Search, Trial, Work


def changes(before: Progress, after: Progress) -> list[str]:
    """What happened between two looks, a line each: the run, its works, its trials, the figures, the end."""
    lines = [f"run {after.run}"] if after.run is not None and after.run != before.run else []
    known = {work.name: work for work in before.works}
    trials = _trial_lines(_told(before), _told(after), after.search)
    newest = next((work.name for work in reversed(after.works) if work.step is Step.TUNE), None)
    for work in after.works:
        seen = known.get(work.name)
        lines += [f"{TITLES[work.step]}: started ({work.name})"] if seen is None else []
        if work.name == newest:
            lines += trials
        lines += _end_lines(seen, work)
    if after.figures and after.figures != before.figures:
        lines += figure_lines(after.figures)
    if after.over and not before.over:
        lines.append(f"{after.stage}: {after.reason}" if after.reason else f"{after.stage}")
    return lines


def duration(seconds: float) -> str:
    """Seconds as a person says them.

    >>> duration(3.14), duration(75), duration(3700)
    ('3.1 s', '1 min 15 s', '1 h 1 min')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def lasted(work: Work) -> str:
    """How long finished work took, or '' while its end is not known."""
    return "" if work.ended is None else duration((work.ended - work.started).total_seconds())


def trial_words(trial: Trial) -> str:
    """The tuned hyperparameters, rounded to what a person compares.

    >>> trial_words(Trial("t", "Completed", 0.9, 2.0, {"eta": "0.20481273", "max_depth": "6"}))
    'eta=0.20481 max_depth=6'
    """
    return " ".join(f"{name}={hyperparameter(value)}" for name, value in sorted(trial.hyperparameters.items()))


def figure_text(figure: Figure) -> str:
    """The value with its interval, or a dash for an undefined one.

    >>> figure_text(Figure("auc", 0.91234, reach="0.9000 to 0.9200"))
    '0.9123 (0.9000 to 0.9200)'
    """
    if figure.value is None:
        return "–"
    return figure.number(figure.value) + (f" ({figure.reach})" if figure.reach else "")


def figure_lines(figures: tuple[Figure, ...]) -> list[str]:
    """The figures one a line, aligned."""
    width = max(len(figure.name) for figure in figures)
    lines = []
    for figure in figures:
        beside = f"  naive guess {figure.number(figure.naive)}" if figure.naive is not None else ""
        beside += f"  live model {figure.number(figure.live)}" if figure.live is not None else ""
        lines.append(f"  {figure.name:<{width}}  {figure_text(figure)}{beside}")
    return lines


def _end_lines(before: Work | None, work: Work) -> list[str]:
    if not work.finished or (before is not None and before.finished):
        return []
    why = f": {work.failure}" if work.ended_badly and work.failure else ""
    return [f"{TITLES[work.step]}: {work.status} after {lasted(work)}{why}"]


def _told(progress: Progress) -> tuple[Trial, ...]:
    """The trials that there is something to say of. One that has just ended well gets its figure a moment later, and
    waits for it as long as the tuning goes on."""
    search = progress.search
    if search is None:
        return ()
    ended = progress.over or not any(work.step is Step.TUNE and not work.finished for work in progress.works)
    return tuple(
        trial for trial in search.finished if ended or trial.objective is not None or trial.status != "Completed"
    )


def _trial_lines(before: tuple[Trial, ...], after: tuple[Trial, ...], search: Search | None) -> list[str]:
    if search is None:
        return []
    known = {trial.name for trial in before}
    lines = []
    for count, trial in enumerate((trial for trial in after if trial.name not in known), start=len(known) + 1):
        best = "  best so far" if trial == search.best else ""
        value = trial.status if trial.objective is None else f"{search.metric} {number(trial.objective)}"
        lines.append(f"  trial {count} of {search.most}: {value}  {trial_words(trial)}{best}")
    return lines
