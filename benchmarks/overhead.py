"""The relay's own time on the demo: from upload to email, less the time inside jobs.

What is left is events on their way, functions deciding, records written, requests made, and endpoints coming up. The
last is SageMaker's work and no job, so the share is given with it (the target's words) and without it. The times are
SageMaker's own, as anyone could read them with Describe calls; overlapping work counts once.
"""

from pathlib import Path

from rich.console import Console

from local.cli import relay_run
from local.cli.screen import PlainTeller
from local.cli.upload import upload
from local.cloud import EmbeddedCloud

EMPLOYMENT = Path(__file__).resolve().parents[1] / "examples" / "employment"


def measure() -> dict[str, float]:
    """One whole relay on the example data.

    Raises:
        RuntimeError: the run did not go live, so its times say nothing.
    """
    dataset = upload(
        [EMPLOYMENT / "employment.csv"], name=None, settings=EMPLOYMENT / "relay.yaml", target=None, trials=None
    )
    with EmbeddedCloud() as cloud, PlainTeller(Console(stderr=True)) as telling:
        outcome = relay_run.play(cloud, dataset, telling)
    if not outcome.live:
        raise RuntimeError(relay_run.conclusion(outcome))
    return {
        "share_outside_jobs": outcome.share_outside_jobs,
        "share_outside_jobs_and_endpoint_starts": outcome.own_share,
        "whole_seconds": outcome.seconds,
    }


if __name__ == "__main__":
    print(measure())
