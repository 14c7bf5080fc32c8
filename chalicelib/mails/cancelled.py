"""The mail about a run that a person has ended. Pure."""

from __future__ import annotations

from chalicelib.deployment import DeploymentSettings
from chalicelib.mails import console, money, parts
from chalicelib.names import RunKeys, StepName
from chalicelib.records.run import STEP_OF, Cancelled, Run


def of(run: Run, deployment: DeploymentSettings) -> tuple[str, list[str]]:
    """Its subject and paragraphs."""
    cancelled = run.cancelled or Cancelled(run.stage, "")
    stays = f"The live model of run {run.live.run} goes on serving." if run.live else "No model is live."
    files = console.folder_link(deployment, RunKeys(run.id).root)
    return (
        f"run cancelled while {cancelled.stage}",
        [
            f'The run for "{run.dataset}" was CANCELLED by a person while {cancelled.stage}. {stays}',
            f"Why: {parts.one_line(cancelled.because)}" if cancelled.because else "",
            _stopped(run, cancelled),
            (
                f"Nothing starts by itself because of it. `python -m ops retrain {run.dataset}` begins another run, "
                "and so does a file that is uploaded to train/, or was since this one began."
            ),
            parts.durations(run),
            money.spent(run, deployment),
            parts.place("Files of this run", f"{deployment.uri(RunKeys(run.id).root)}/", files),
            parts.footer(run),
        ],
    )


def _stopped(run: Run, cancelled: Cancelled) -> str:
    """What has become of the job that was under way, if it is known to have ended."""
    step, job = STEP_OF.get(cancelled.stage), run.jobs[-1] if run.jobs else None
    if job is None or job.step is not step or StepName.parse(job.name) is None:
        return ""
    took = f" after {parts.duration(job.seconds)}" if job.seconds is not None else ""
    return f"Its job {job.name} was stopped{took}."
