"""What labels say of a live model, as mail: its quality on real traffic, and outcomes that are others than before.

The paragraphs only; `mails.py` makes mails of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.contract import metrics
from chalicelib.mails import parts
from chalicelib.monitoring import going_back, mail_context, told_again
from chalicelib.monitoring.findings import RELATION
from chalicelib.monitoring.mail_context import MailContext

Paragraphs = tuple[str, list[str]]
"""With the subject before them."""


def known(document: Mapping[str, object]) -> metrics.Metrics:
    """The metrics that a document tells of."""
    return metrics.told(document, str(document.get("task")))


def quality(context: MailContext) -> Paragraphs:
    """The first measurement, one that labels of a new kind came with, or too few labels for one."""
    few = context.found.get("state") == "not-enough-labels"
    least = context.monitor.monitoring["min_labels"]
    lead = (
        f'There are not enough labels yet to say how good the model of "{context.dataset}" is on real traffic: at '
        f"least {least} of its rows must have one."
        if few
        else f'The model of "{context.dataset}" was measured on real traffic with your labels: no loss is certain.'
    )
    subject = "not enough labels yet" if few else f"quality on real traffic, {_measured(context)}"
    return subject, [lead, mail_context.sentence(context), mail_context.relation(context), *_figures(context)]


def fell(context: MailContext) -> Paragraphs:
    """A certain loss; and in the same mail, where that is found by the same check, that outcomes have changed."""
    outcomes = context.note == RELATION  # the outcomes' mail is part of this one
    also = "; other outcomes than before" if outcomes else ""
    return (
        f"{told_again.quality_subject(context)}, {_measured(context)}{also}",
        [
            told_again.quality_lead(context),
            f'The model of "{context.dataset}" has become WORSE on real traffic than it was at its promotion.',
            mail_context.sentence(context),
            _back(context),
            *(_outcomes(context) if outcomes else [mail_context.relation(context)]),
            *_figures(context, mail_context.next_step(context)),
        ],
    )


def _back(context: MailContext) -> str:
    """The model before it on the same rows, and the way back where that is better."""
    found, live, name = context.found.get("before") or {}, context.monitor.live, context.dataset
    told = parts.one_line(str(found.get("sentence") or ""))
    if not found.get("better") or live is None or live.back is not None:
        return told
    command = f"`python -m ops rollback {name}`"
    if going_back.by_itself(context.monitor):
        asked = "The relay was asked, once, to go back to it (monitoring.rollback is itself)"
        return f"{told} {asked}: a mail says when it serves, or why not. {command} undoes that."
    return f"{told} {command} brings it back; with `monitoring: {{rollback: itself}}` the relay does so."


def recovered(context: MailContext) -> Paragraphs:
    """A loss that is over."""
    return (
        f"quality is back, {_measured(context)}",
        [
            (
                f'The model of "{context.dataset}" is again about as good on real traffic as at its promotion. That is '
                "said when several checks in a row, or the first one of a new model, saw no certain loss."
            ),
            mail_context.sentence(context),
            mail_context.relation(context),
            *_figures(context),
        ],
    )


def relation_changed(context: MailContext) -> Paragraphs:
    """The same inputs have other outcomes."""
    return (
        "the same inputs now have other outcomes",
        [
            *_outcomes(context),
            _beside(context),
            *_figures(context, mail_context.next_step(context)),
        ],
    )


def _outcomes(context: MailContext) -> list[str]:
    found = context.found.get("relation") or {}
    return [
        (
            f'The RELATION that the model of "{context.dataset}" has learned has CHANGED: your labels say that '
            "rows like those it was evaluated on now turn out otherwise. The inputs need not have drifted for that."
        ),
        mail_context.relation(context),
        (
            f"How sure: the evidence of {found.get('rows') or 0:,} labelled rows, looked at in every check since "
            f"the model's promotion, reached {found.get('needed') or 0:g}. Chance alone takes it there in at most "
            "one model of a hundred, however often it is looked at. If one outcome is labelled sooner than another "
            "(a purchase at once, none after a month), early labels look just like this: wait for the others."
        ),
        _drifted_too(context),
    ]


def _drifted_too(context: MailContext) -> str:
    """Labels cannot tell what has changed from what the model never knew."""
    if context.monitor.drift.state not in {"drifted", "harmful"}:
        return ""
    return (
        "The inputs have drifted, too. Of rows unlike those it was evaluated on the model may have been wrong all "
        "along: that looks the same, and the same helps, training on rows like these."
    )


def _beside(context: MailContext) -> str:
    told = mail_context.sentence(context)
    return (
        f"Beside it, the quality of the last {context.monitor.monitoring['window_days']} days: {told}" if told else ""
    )


def _measured(context: MailContext) -> str:
    found = context.found
    return mail_context.measured(found.get("metrics") or {}, known(found), str(found.get("metric") or ""))


def _figures(context: MailContext, next_step: str = "") -> list[str]:
    """What every one of these mails ends with."""
    return [
        mail_context.metrics(context.found.get("metrics") or {}, known(context.found), "real traffic"),
        mail_context.coverage(context),
        next_step,
        mail_context.problems(context),
    ]
