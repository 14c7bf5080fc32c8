"""What is written down of a tuning that has ended."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.names import Step
from chalicelib.records.run import Stage
from chalicelib.relay.deciding import decide
from tests.relay.builders import NOW, completed, job, run, trials_collected


def test_what_tuning_bills_is_counted_once_however_many_attempts_it_took() -> None:
    tried = run(Stage.TUNING, jobs=(job(Step.PREPARE), replace(job(Step.TUNE), billable_seconds=None)))
    tuned = decide(tried, completed(Step.TUNE), NOW).run

    after = decide(tuned, trials_collected(), NOW).run

    assert [record.billable_seconds for record in after.jobs if record.step is Step.TUNE] == [None, 600]
