"""The verdict as it is stamped onto a report, which was drawn before there was one."""

from __future__ import annotations

from chalicelib.records.run import Stage, Verdict


def verdict_html(verdict: Verdict, stage: Stage) -> str:
    """The verdict as the report shows it. The reason may hold class names, which are the user's: they are escaped."""
    import html  # a table of 2,231 entities, which a start must not pay for

    word, kind = ("Promoted", "promoted") if verdict.promote else ("Rejected", "rejected")
    if stage is Stage.AWAITING_APPROVAL:
        word = "Waits for approval"
    return f'<strong class="{kind}">{word}.</strong><p>{html.escape(verdict.reason)}</p>'
