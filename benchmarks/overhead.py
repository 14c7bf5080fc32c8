"""The relay's own time on the demo: from upload to email, less the time inside jobs.

What is inside is SageMaker's own word, as anyone could read it with Describe calls: of a processing or training job the
time from its start to its end (bringing the inputs, starting the container, the work, the upload: from when AWS would
bill the instance), of a tuning its whole. Overlapping work counts once. What is left is events on their way, functions
deciding, records written, requests made, and endpoints coming up. The last is SageMaker's work and no job, so there are
two figures: `share_outside_jobs`, the target's words, counts it as the relay's time;
`share_outside_jobs_and_endpoint_starts` does not. The functions are warm, as with provisioned concurrency: they have
made their clients before the upload; cold, the first event takes a second longer on two cores.
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
