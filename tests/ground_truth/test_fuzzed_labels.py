"""Label files spoiled in every way: what can be used counts, the rest is told or refused, and nothing else happens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jobs.refusals import Refusal
from tests.ground_truth.checking import GOOD, TABLE, accounted, odd_traffic

WHOLE = [
    f"{TABLE}r1,no\nr2,yes\nr3,no\n",
    'label;"id"\r\n"yes";r1\r\n"no";"r2"\r\n',
    '{"groundTruthData": {"data": "no"}, "eventMetadata": {"eventId": "r1"}}\n{"id": "r2", "label": "yes"}\n',
]
PIECES = [
    *(b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x00", b"\r", b"\n", b"\r\n\r", b'"', b"'", b",", b";", b"\t", b",,,"),
    *(b"[" * 2_000, b'{"a":' * 2_000, b"}", b"\\ud800", b"NaN", b"1e999", b"9" * 5_000, b"null", b"\xef\xbb\xbf"),
    *(b"id,label", b"label", b"\\N", b"#", b"=", b"\xe2\x80\xa8", b"r1,no\n", b"PK\x03\x04", b"\x1f\x8b", b"PAR1"),
]


def spoiled(rng: np.random.Generator, content: bytes) -> bytes:
    for _ in range(int(rng.integers(1, 4))):
        start = int(rng.integers(0, len(content) + 1))
        stop = min(len(content), start + int(rng.integers(0, 10)))
        content = content[:start] + PIECES[int(rng.integers(len(PIECES)))] + content[stop:]
    return content


def counted(folder: Path, count: int, seed: int) -> None:
    """Each spoiled file beside a good one, whose label counts as always; what is counted adds up (`accounted`)."""
    rng = np.random.default_rng(seed)
    captures = odd_traffic("binary")
    for place in range(count):
        content = spoiled(rng, WHOLE[place % len(WHOLE)].encode())
        try:
            found = accounted(folder, "binary", captures, {"bad": content, "good": GOOD})
        except Refusal as refused:
            assert refused.code == "no-usable-labels", (seed, place)  # noqa: PT017  also this may be the answer
        else:
            assert found["coverage"]["labels"] >= 1, (seed, place, content[:200])


def test_thirty_spoiled_label_files(tmp_path: Path) -> None:
    counted(tmp_path, 30, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
def test_two_thousand_spoiled_label_files(seed: int, tmp_path: Path) -> None:
    counted(tmp_path, 500, seed)
