"""The algorithm's numbers as answers in the user's own words: label and probabilities, or the predicted number.

The algorithm container writes its numbers as CSV, JSON or JSON lines, by version in one line or in one a row; all are
read. Probabilities are given with the nine digits that a float32 has.
"""

import csv
import io
import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.serving.rows import JSON_LINES, Refused

CSV, JSON, JSONLINES = "text/csv", "application/json", "application/jsonlines"
_SEPARATORS = re.compile(r"[,\s]+")


def chosen_format(accept: str | None) -> str:
    """The answer's media type; CSV unless another is asked for. Raises `Refused` (406) where none is known.

    >>> chosen_format("*/*"), chosen_format("application/json; charset=utf-8")
    ('text/csv', 'application/json')
    """
    wanted = [part.partition(";")[0].strip().lower() for part in (accept or "*/*").split(",")]
    for media in wanted:
        if media in ("", "*/*", "text/*", CSV):
            return CSV
        if media in (JSON, "application/*"):
            return JSON
        if media in JSON_LINES:
            return JSONLINES
    raise Refused(f"cannot answer as {accept!r}: ask for {CSV}, {JSONLINES} or {JSON}", 406)


def read_scores(data: str | bytes, content_type: str, width: int) -> npt.NDArray[np.float64]:
    """The algorithm's answer as (rows, width); ValueError where the numbers do not fit that width."""
    text = data.decode() if isinstance(data, bytes) else data
    media = content_type.partition(";")[0].strip().lower()
    if media == JSON:
        scores = np.array([_score(row) for row in json.loads(text)["predictions"]], dtype=np.float64)
    elif media in JSON_LINES:
        scores = np.array([_score(json.loads(line)) for line in text.splitlines() if line], dtype=np.float64)
    else:
        scores = np.array(_SEPARATORS.split(text.strip(" \r\n,[]")), dtype=np.float64)
    if scores.size % width:
        raise ValueError(
            f"the algorithm answered {scores.size} numbers, which is not {width} a row: "
            "a multiclass model needs the objective multi:softprob"
        )
    return scores.reshape(-1, width)


def _score(row: Any) -> Any:
    return row["score"] if isinstance(row, dict) else row


def write_answers(
    scores: npt.NDArray[np.float64],
    classes: list[str] | None,
    media: str,
    *,
    labels: npt.NDArray[np.int64] | None = None,
    interval: npt.NDArray[np.float64] | None = None,
    explained: Sequence[str] | None = None,
) -> str:
    """The answers in one of the three formats: `scores` is (rows, 1), or (rows, classes) if there are more than two.

    `labels` (rows,): places of the classes that are answered, where it is not always the likeliest; `interval`
    (rows, 2): what a number lies between; `explained`: JSON of each row. CSV has no place for either.

    >>> print(write_answers(np.array([[0.75]]), ["no", "yes"], CSV), end="")
    yes,0.25,0.75
    """
    if classes is None:
        return _regression(scores[:, 0], interval, media, explained)
    if scores.shape[1] == 1:
        scores = np.column_stack([1.0 - scores, scores])
    chosen = scores.argmax(axis=1) if labels is None else labels  # 0.5 against 0.5 is the first class, as in XGBoost
    pattern = ",".join(["%.9g"] * len(classes))
    texts = [pattern % tuple(row) for row in scores.tolist()]
    if media == CSV:
        names = [_quoted(name) for name in classes]
        return "".join([f"{names[label]},{text}\n" for label, text in zip(chosen.tolist(), texts, strict=True)])
    names = [json.dumps(name, ensure_ascii=False) for name in classes]
    pattern = '{{"label": {}, "probabilities": {{' + ", ".join(_braced(name) + ": {}" for name in names) + "}}}}"
    return _objects(
        [pattern.format(names[label], *text.split(",")) for label, text in zip(chosen.tolist(), texts, strict=True)],
        media,
        explained,
    )


def _regression(
    numbers: npt.NDArray[np.float64],
    interval: npt.NDArray[np.float64] | None,
    media: str,
    explained: Sequence[str] | None,
) -> str:
    texts = [f"{number:.9g}" for number in numbers.tolist()]
    if media == CSV:
        return "\n".join(texts) + "\n"
    between = (
        [""] * len(texts) if interval is None else [f', "interval": [{a:.9g}, {b:.9g}]' for a, b in interval.tolist()]
    )
    return _objects(
        [f'{{"prediction": {one}{two}}}' for one, two in zip(texts, between, strict=True)], media, explained
    )


def _objects(objects: list[str], media: str, explained: Sequence[str] | None) -> str:
    if explained is not None:
        objects = [f'{one[:-1]}, "explanation": {why}}}' for one, why in zip(objects, explained, strict=True)]
    return "\n".join(objects) + "\n" if media == JSONLINES else '{"predictions": [' + ", ".join(objects) + "]}"


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _quoted(text: str) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([text])
    return line.getvalue()
