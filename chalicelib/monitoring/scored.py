"""The mails about files in score/: answered, answered before, kept until there is a model.

Names and numbers only, as in every mail: what stands in the rows is in the result and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.contract import metrics
from chalicelib.contract.metrics import number
from chalicelib.contract.scored import ClassCount, Evaluated, Flagged, Scored
from chalicelib.mails import parts
from chalicelib.monitoring import mail_context
from chalicelib.monitoring.mail_context import MailContext

Paragraphs = tuple[str, list[str]]
"""With the subject before them."""
_CLASSES_SHOWN = 12


def scored(context: MailContext) -> Paragraphs:
    """The answers are there."""
    found = context.scored
    rows, file = found.get("rows") or {}, _file(context, str(found.get("file") or ""))
    answered, read = rows.get("answered", 0), rows.get("read", 0)
    all_of = f"all {_rows(read)}" if answered == read else f"{answered:,} of {_rows(read)}"
    live = context.monitor.live
    run = str(found.get("run") or (live.run if live else "-"))
    return (
        f"{file} answered, {_rows(read)}" if answered == read else f"{file} answered, {answered:,} of {_rows(read)}",
        [
            (
                f'The live model of "{context.dataset}" (run {run}) has answered {all_of} of '
                f"{file}. The result holds your columns as they are, in your order, and behind them {_behind(found)} "
                "and what is odd about a row."
            ),
            _since(found),
            _flagged(found.get("unread") or (), rows.get("unread", 0), _unread(rows.get("unread", 0))),
            _flagged(found.get("unlike") or (), rows.get("unlike", 0), _unlike(rows.get("unlike", 0))),
            _classes(found.get("classes") or ()),
            _numbers(found),
            _evaluated(found.get("evaluation"), str(found.get("target") or "the target")),
            _notices(found),
        ],
    )


def scored_before(context: MailContext) -> Paragraphs:
    """The same file came again."""
    file = context.note.rpartition("/")[2]
    return (
        f"{file} was answered before",
        [
            (
                f'{file} holds what it held before, and the live model of "{context.dataset}" is the same: it was not '
                "asked again, and nothing was started. The answers lie where they lay."
            ),
            "What to do: nothing. A file that has changed is answered anew, and so is any file by a new model.",
        ],
    )


def waits(context: MailContext) -> Paragraphs:
    """Nobody can answer yet."""
    file = _file(context, context.note)
    train = f"datasets/{context.dataset}/train/"
    return (
        f"{file} waits for a model",
        [
            f'There is no live model of "{context.dataset}" that could answer {file}. Your file is kept where it is.',
            (
                f"What happens next: it is answered by itself as soon as a model goes live. If none is being trained, "
                f"upload labelled data to {train}."
            ),
        ],
    )


def _file(context: MailContext, key: str) -> str:
    """A file as its owner calls it, in a mail about its dataset."""
    name = key.removeprefix(f"datasets/{context.dataset}/score/") or "your file"
    return parts.cut(parts.one_line(name), 60)


def _behind(found: Scored) -> str:
    """What the columns of the answer say: a class has probabilities, a number at most two bounds."""
    if found.get("classes"):
        return "the answer, how likely each class is,"
    bounds = any(name.startswith("predicted low") for name in found.get("columns") or ())
    return "the answer, what the truth lies between in nine of ten rows," if bounds else "the answer"


def _rows(count: int) -> str:
    return f"{count:,} row{'s' if count != 1 else ''}"


def _since(found: Scored) -> str:
    if not found.get("earlier"):
        return ""
    return "You uploaded it before this model went live: these are the answers of the model that serves now."


def _unread(count: int) -> str:
    return f"{_rows(count)} could not be read and {'has' if count == 1 else 'have'} no answer (flag: not read):"


def _unlike(count: int) -> str:
    verb = "is" if count == 1 else "are"
    said = f"{_rows(count)} {verb} unlike what the model learned from (flag: unlike training). "
    return f"{said}{'Its answer' if count == 1 else 'Their answers'} may be worth less:"


def _flagged(reasons: Sequence[Flagged], count: int, heading: str) -> str:
    if not count:
        return ""
    lines = [
        f"* {parts.cut(parts.one_line(str(one.get('sentence'))), 200)} ({_rows(one.get('rows', 0))}, the first is row "
        f"{one.get('first', 0):,})"
        for one in reasons[: parts.NOTICES_SHOWN]
    ]
    return heading + "\n\n" + "\n".join(lines)


def _classes(counted: Sequence[ClassCount]) -> str:
    """How often each class was answered, beside what the model said of its test rows and what training held."""
    if not counted:
        return ""
    lines = [["answer", "rows", "share", "at promotion", "in training"]]
    lines += [
        [
            mail_context.short(str(one.get("name"))),
            f"{one.get('rows', 0):,}",
            *(_share(share) for share in (one.get("share"), one.get("at_promotion"), one.get("in_training"))),
        ]
        for one in counted[:_CLASSES_SHOWN]
    ]
    more = f"\n... and {len(counted) - _CLASSES_SHOWN} more classes" if len(counted) > _CLASSES_SHOWN else ""
    explained = "(at promotion: what the model answered to its test rows; in training: what was true)"
    return f"{parts.table(lines)}{more}\n{explained}"


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _numbers(found: Scored) -> str:
    here, then = found.get("range"), found.get("range_at_promotion")
    if not here:
        return ""
    lines = [["answers", "mean", "median", "nine of ten from", "to"]]
    for title, numbers in (("this file", here), ("test rows at promotion", then)):
        if numbers:
            cells = (numbers.get("mean"), numbers.get("median"), numbers.get("low"), numbers.get("high"))
            lines.append([title, *(number(value) for value in cells)])
    return parts.table(lines)


def _evaluated(evaluation: Evaluated | None, target: str) -> str:
    """How good the answers are where the file holds the target."""
    if not evaluation:
        return ""
    labelled, measured = evaluation.get("labelled", 0), evaluation.get("rows", 0)
    of = "" if labelled == measured else f", measured on {measured:,} of them, taken evenly"
    lead = (
        f"The file holds the target: {mail_context.short(target)} is filled in {_rows(labelled)}{of}. It was not shown "
        "to the model, and the answers were compared with it. Rows that the model was trained on are not told apart "
        "here, and say little about new ones: a file in test/ is told how many it has."
    )
    promoted = evaluation.get("at_promotion")
    if not promoted:
        return lead
    known = metrics.told(evaluation, str(evaluation.get("task")))
    said = mail_context.metrics(promoted.get("metrics") or {}, known, "this file")
    return "\n\n".join(part for part in (lead, str(promoted.get("sentence") or ""), said) if part)


def _notices(found: Scored) -> str:
    notices = found.get("warnings") or []
    if not notices:
        return ""
    lines = [f"* {parts.one_line(str(one.get('sentence')))} [{one.get('code')}]" for one in notices]
    if len(lines) > parts.NOTICES_SHOWN:
        lines = [*lines[: parts.NOTICES_SHOWN], f"* ... and {len(lines) - parts.NOTICES_SHOWN} more, in scored.json"]
    return "How the file was read:\n\n" + "\n".join(lines)
