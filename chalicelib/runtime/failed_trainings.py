"""What trainings that failed said of it themselves: failure.json of docs/formats.md, which SageMaker does not pass on.

A document that is missing or makes no sense changes nothing: then the reason stays SageMaker's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from chalicelib import json_files
from chalicelib.aws.errors import DeniedError, RefusedError, translated
from chalicelib.aws.objects import Objects
from chalicelib.names import Step
from chalicelib.records.events import StepFailed
from chalicelib.records.handed_over import Trial
from chalicelib.relay import plans

MOST = 5
"""Documents of one tuning that are read. Trials fail for the same reason, mostly."""
LARGEST = 16_384
"""Bytes of a document that is read."""
SENTENCE_LIMIT = 1_000
_CODE = re.compile(r"[a-z][a-z-]{0,39}")


def said(objects: Objects, run: str, step: Step, job: str) -> dict[str, str]:
    """`[code] sentence` by training job, in order: of this job, or of the first trials of this tuning that failed."""
    found: dict[str, str] = {}
    with suppress(DeniedError, RefusedError), translated():
        # A trial is named after its tuning.
        beginning = f"{plans.failures(run)}/{job}{'-' if step is Step.TUNE else '.json'}"
        for entry in objects.current(beginning)[:MOST]:
            with suppress(DeniedError, RefusedError):
                text = reason(objects.read(entry.key, LARGEST))
                if text:
                    found[entry.key.rpartition("/")[2].removesuffix(".json")] = text
    return found


def reason(text: bytes | None) -> str | None:
    """A document's words as reasons of jobs are told; None for what is no such document.

    >>> reason(b'{"version": 1, "code": "out-of-memory", "sentence": "memory ran out."}')
    '[out-of-memory] memory ran out.'
    """
    document = json_files.mapping(text) or {}
    code, sentence = document.get("code"), document.get("sentence")
    if not isinstance(code, str) or not isinstance(sentence, str) or not _CODE.fullmatch(code) or not sentence.strip():
        return None
    return f"[{code}] {' '.join(sentence[:SENTENCE_LIMIT].split())}"


def explained(failed: StepFailed, told: Mapping[str, str]) -> StepFailed:
    """The same failure for the reason that its training told; of a tuning, the first of its trials that told any."""
    first = next(iter(told.values()), None)
    if first is None:
        return failed
    if failed.step is Step.TUNE:
        code, _, sentence = first.partition(" ")
        first = f"{code} no trial of the tuning ended well; the first said: {sentence}"
    return replace(failed, reason=first)


def explained_trials(trials: Sequence[Trial], told: Mapping[str, str]) -> list[Trial]:
    """Trials with the reasons that they told themselves."""
    return [{**one, "failure_reason": told.get(one["name"], one["failure_reason"])} for one in trials]
