"""Why a training failed, told where the relay finds it: failure.json of docs/formats.md.

SageMaker does not pass it on. The image tells every script's failure as `ExecuteUserScriptError` with its command, and
overwrites output/failure; a folder of checkpoints is there for spot alone, and nothing says that its last file is
copied. So the document is put into the bucket from here, under the job's own name in the folder that plan.json names.
It is the last thing that a failed training does: where S3 does not answer, half a minute is lost and nothing else.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from jobs.refusals import MESSAGE_LIMIT, Refusal, printable, told
from jobs.region import region

VERSION = 1
LIMIT = 16_384
"""Bytes of a document, at most: a pipe takes them at once."""
OUT_OF_MEMORY, UNEXPECTED = "out-of-memory", "unexpected"


class Failure(NamedTuple):
    """A stable code, and a sentence of at most 1,000 characters that quotes no cell."""

    code: str
    sentence: str


def of_error(error: BaseException) -> Failure:
    """What an exception says. XGBoost and pyarrow tell a want of memory in ways of their own."""
    if isinstance(error, Refusal):
        return Failure(error.code, error.sentence)
    if isinstance(error, MemoryError) or "bad_alloc" in str(error):
        had = _gigabytes(_memory())
        sentence = f"memory ran out: a step of the training asked for more than the machine's {had} had left."
        return Failure(OUT_OF_MEMORY, sentence)
    return Failure(UNEXPECTED, told(error))


def of_exit(code: int, peak: int) -> Failure:
    """What the exit code of a training means that has said nothing itself; `peak`: the bytes of memory it had at most.

    Nothing but the system sends SIGKILL within a container, and it does so where memory runs out.
    """
    if code == -signal.SIGKILL:
        sentence = (
            f"the system killed the training, as it does when memory runs out: it had grown to {_gigabytes(peak)}, and "
            f"the machine has {_gigabytes(_memory())}."
        )
        return Failure(OUT_OF_MEMORY, sentence)
    if code < 0:
        return Failure(UNEXPECTED, f"the training was ended by {signal.Signals(-code).name}; its log may say more.")
    return Failure(UNEXPECTED, f"the training ended with exit code {code}; its log says why.")


def document(failure: Failure) -> bytes:
    """failure.json."""
    sentence = printable(" ".join(failure.sentence.split()))[:MESSAGE_LIMIT]
    return json.dumps({"version": VERSION, "code": failure.code, "sentence": sentence}).encode()


def read(text: bytes) -> Failure | None:
    """What `document` wrote; None for no text."""
    if not text:
        return None
    found = json.loads(text)
    return Failure(found["code"], found["sentence"])


def leave(failure: Failure, environment: Mapping[str, str]) -> None:
    """Say it in the log, and put the document where plan.json wants it. Never raises."""
    print(f"[{failure.code}] {failure.sentence}", file=sys.stderr, flush=True)
    try:
        place = _place(environment)
        if place is not None:
            _put(*place, document(failure))
    except Exception as error:  # noqa: BLE001  the training has failed anyway, and its log has the sentence
        print(f"failure.json could not be written: {type(error).__name__}", file=sys.stderr, flush=True)


def _place(environment: Mapping[str, str]) -> tuple[str, str] | None:
    """Bucket and key of this job's document; None where nobody asks for one."""
    plan, job = environment.get("SM_CHANNEL_PLAN"), environment.get("TRAINING_JOB_NAME")
    folder = json.loads((Path(plan) / "plan.json").read_text(encoding="utf-8")).get("failures") if plan else None
    if not folder or not job:
        return None
    parts = urlsplit(folder, allow_fragments=False)
    return parts.netloc, f"{parts.path.strip('/')}/{job}.json"


def _put(bucket: str, key: str, body: bytes) -> None:
    import boto3  # a training that ends well pays for neither
    from botocore.config import Config

    config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2, "mode": "standard"})
    client = boto3.client("s3", region_name=region(), config=config)
    client.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")


def _memory() -> int:
    """Bytes that the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _gigabytes(size: int) -> str:
    """
    >>> _gigabytes(7_630_000_000)
    '7.6 GB'
    """
    return f"{size / 1e9:.1f} GB"
