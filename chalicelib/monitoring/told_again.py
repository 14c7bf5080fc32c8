"""What a mail says about something that its reader was told of before: what is new, or that it goes on."""

from __future__ import annotations

from datetime import UTC, datetime

from chalicelib.monitoring.episodes import News
from chalicelib.monitoring.mail_context import MailContext

_REMINDER = (
    "This is a reminder: you were told before, nothing is much worse than in the last mail, and it is not over. It "
    "comes ever less often, at most every four weeks."
)
_DRIFT = {
    News.HURTS: "You were told of this drift before. What is new: it now makes the model's answers worse.",
    News.WORSE: (
        "You were told before that this drift makes the model's answers worse. What is new: the loss is at least twice "
        "what it was in the last mail."
    ),
    News.NEW_MODEL: (
        "You were told of drift before, and another model serves since. What is new: this traffic is not like what the "
        "NEW model has learned from, either. Training on the same data again does not help; it takes rows like these."
    ),
    News.BACK: (
        "You were told that this drift was over. It is BACK, and so the same drift: it will be called over when it has "
        "stayed away twice as long as then."
    ),
    News.MORE: "You were told of this drift before. What is new: it has reached further columns.",
    News.GOES_ON: _REMINDER,
}
_QUALITY = {
    News.WORSE: (
        "You were told before that the model has become worse. What is new: the loss is at least twice what it was "
        "in the last mail."
    ),
    News.NEW_MODEL: (
        "You were told of the model before this one that it had become worse. What is new: the model that serves now "
        "has, too."
    ),
    News.BACK: (
        "You were told that the quality was back. It has fallen again, and will be called back when it has stayed so "
        "twice as long as then."
    ),
    News.GOES_ON: _REMINDER,
}
_QUALITY_SUBJECT = {
    News.WORSE: "quality fell further",
    News.NEW_MODEL: "quality fell with the new model, too",
    News.BACK: "quality fell again",
    News.GOES_ON: "quality is still low",
}


def drift_subject(context: MailContext, what: str) -> str:
    """`what`: where there is drift. Subjects are cut, so what is new stands first."""
    also = ", and it hurts" if context.hurts else ""
    match context.news:
        case News.HURTS:
            return f"drift now hurts: {what}"
        case News.WORSE:
            return f"drift hurts more: {what}"
        case News.NEW_MODEL:
            return f"the new model, too: {what}{also}"
        case News.MORE:
            return f"further columns: {what}{also}"
        case News.BACK:
            return f"again: {what}{also}"
        case News.GOES_ON:
            return f"{_since(context)}: {what}{also}"
        case _:
            return f"{what}{also}"


def drift_lead(context: MailContext) -> str:
    """What is new, for somebody who knows of the drift; nothing in the first mail about it."""
    return _of(_DRIFT, context.news)


def quality_subject(context: MailContext) -> str:
    """What became of the quality, without its figure."""
    return _of(_QUALITY_SUBJECT, context.news) or "quality fell"


def quality_lead(context: MailContext) -> str:
    return _of(_QUALITY, context.news)


def _of(words: dict[News, str], news: str) -> str:
    """What is said of this news; nothing of a word that another release has."""
    return words[News(news)] if news in words else ""


def _since(context: MailContext) -> str:
    """How long it goes on, by the time of the check."""
    try:
        began = datetime.fromisoformat(context.note)
    except ValueError:
        return "still"
    days = (context.check.began - (began if began.tzinfo else began.replace(tzinfo=UTC))).days
    return f"still, after {days:,} days" if days > 1 else "still"
