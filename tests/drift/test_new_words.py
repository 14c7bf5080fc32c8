"""One new word that becomes frequent is found in columns where new words are nothing new."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from jobs.documents.drift import Finding
from jobs.drift.aspects import single_new_word
from jobs.drift.findings import findings, thresholds
from jobs.profiles.counts import Counts, merged
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column, Reference


def open_ended(count: int, seed: int) -> list[str]:
    """Words of which a new row in twenty or so holds one that was never seen."""
    return [f"word {number}" for number in np.random.default_rng(seed).zipf(1.5, count)]


def judged(words: list[str]) -> Finding:
    (described,) = describe([Column("place", "categorical", pa.array(open_ended(10_000, 1)))])
    reference = Reference.read(described)
    pairs = [(reference, Counts.empty(reference).add(pa.array(words)))]
    (found,) = findings(pairs, thresholds({}, pairs), {})
    return found


def test_new_words_as_always_are_not_drift() -> None:
    assert judged(open_ended(1_000, 2))["verdict"] == "stable"


def test_a_single_new_word_in_two_of_a_hundred_rows_is() -> None:
    found = judged([*open_ended(980, 3), *["invented"] * 20])
    assert (found["verdict"], found["aspect"]) == ("drifted", "unseen")


def test_the_most_frequent_new_word_is_counted_the_same_however_the_rows_are_divided() -> None:
    (described,) = describe([Column("place", "categorical", pa.array(["a", "b"] * 50))])
    empty = Counts.empty(Reference.read(described))
    words = [*["new"] * 7, *[f"other {number}" for number in range(40)], "a"]
    whole = empty.add(pa.array(words))
    halves = merged(empty.add(pa.array(words[::2])), empty.add(pa.array(words[1::2])))
    assert whole == halves
    assert single_new_word(whole) in {7, 8}, "another word may share its bucket"


def test_new_words_that_share_a_bucket_are_not_taken_for_one() -> None:
    """Nearly every row holds a word of its own: of a thousand buckets some hold many of them."""
    generator = np.random.default_rng(8)
    names = [f"word {number}" for number in generator.integers(10**9, size=10_000)]
    (described,) = describe([Column("place", "categorical", pa.array(names))])
    empty = Counts.empty(Reference.read(described))
    p_values = []
    for _ in range(200):
        words = [f"word {number}" for number in generator.integers(10**9, size=1_000)]
        pairs = [(empty.reference, empty.add(pa.array(words)))]
        p_values.append(findings(pairs, thresholds({}, pairs), {})[0]["measures"]["unseen"]["p_value"] or 0.0)
    assert sum(p_value < 0.02 for p_value in p_values) <= 8, "4 of 200 are to be expected at most"
