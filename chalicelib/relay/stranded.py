"""A run that a newer release brought to a stage which this one does not know, before it was rolled back.

Nothing can be decided about it here. While an upgrade is under way, old and new functions meet the same records for
some minutes, so it is left alone at first; then it ends failed, with a mail, and its dataset goes on. What it left in
SageMaker is not deleted by name, because it may be in service: the sweep finds what is not by its tags. What the newer
release had decided to delete is, and what it had to register or remember is not forgotten; nothing else is begun.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.records.commands import Mail, Notify, Register, Release, RememberRefusal, Remove, RemoveModel
from chalicelib.records.run import Failure, Run, Stage

UPGRADED_WITHIN = timedelta(hours=1)
"""Longer than any deployment takes to replace all functions, or to go back to the old ones by itself."""
_GOES_ON = (Remove, RemoveModel, Register, RememberRefusal)
_ADVICE = "Deploy a release that knows this stage, or upload the data again to start a run with this one."


def ended(run: Run, now: datetime) -> Run | None:
    """The run, ended; None while a newer release may still go on with it."""
    if now - run.updated < UPGRADED_WITHIN:
        return None
    why = f'a newer release of SageRelay brought the run to the stage "{run.stage}", which this release does not know'
    failure = Failure(run.stage, "", why, _ADVICE)
    # Behind the mail, so that nothing that cannot be deleted yet keeps it or the dataset waiting.
    left = (command for command in run.pending if isinstance(command, _GOES_ON))
    after = (Notify(Mail.FAILED), Release(), *left)
    return run.moved(Stage.FAILED, now, why, failure=failure, pending=after, not_before=None, waiting_for=None)
