"""Dates in every way they are written: read in files, and read alike in requests."""

# ruff: noqa: E501  one way of writing, one line

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from jobs.capture.shape import Shape
from jobs.encoding import Encoder, UnreadableCellError
from jobs.encoding.date_forms import strptime
from jobs.encoding.text import dates
from jobs.prepare import outputs
from jobs.prepare.pipeline import Prepared
from jobs.tables.dates import _FORMATS, parsed
from tests.prepare import tables
from tests.prepare.tables import text

ROWS = 240
Write = Callable[[datetime], str]
START = datetime(2023, 1, 1, 0, 0)  # noqa: DTZ001  naive, as dates are here


def moment(i: int) -> datetime:
    """Days, months, hours and minutes all differ, and none is a day that could be a month only."""
    return START + timedelta(days=i * 3 + i % 2, hours=i * 7 % 24, minutes=i * 11 % 60, seconds=i * 13 % 60)


def quarter(when: datetime) -> int:
    return (when.month + 2) // 3


def hour(when: datetime) -> int:
    return (when.hour + 11) % 12 + 1


def month(when: datetime) -> datetime:
    return when.replace(day=1, hour=0, minute=0, second=0)


def first_of_quarter(when: datetime) -> datetime:
    return month(when).replace(month=3 * quarter(when) - 2)


def monday(when: datetime) -> datetime:
    return month(when).replace(day=when.day) - timedelta(days=when.weekday())


def minute(when: datetime) -> datetime:
    return when.replace(second=0)


def east(hours: float) -> Write:
    return lambda when: (
        when.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=hours))).strftime("%Y-%m-%d %H:%M:%S")
    )


def mailed(hours: float, zone: str) -> Write:
    return lambda when: (
        when.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=hours))).strftime("%a, %d %b %Y %H:%M:%S ") + zone
    )


WRITTEN: list[tuple[str, Write, Callable[[datetime], datetime]]] = [
    ("%Y-%m-%d %H:%M:%S%z", lambda when: f"{when:%Y-%m-%d %H:%M:%S}+00", lambda when: when),
    ("%Y/%m/%d %H:%M:%S%z", lambda when: f"{when:%Y/%m/%d %H:%M:%S}+00", lambda when: when),
    ("%Y-%m-%d %H:%M:%S%z", lambda when: east(-5)(when) + "-05", lambda when: when),
    ("%Y-%m-%d %H:%M:%S%z", lambda when: east(5.5)(when) + "+05:30", lambda when: when),
    ("%Y-%m-%d %H:%M:%S.%f%z", lambda when: f"{when:%Y-%m-%d %H:%M:%S}.123+00", lambda when: when.replace(microsecond=123_000)),
    ("%Y-%m-%dT%H:%M%z", lambda when: f"{when:%Y-%m-%dT%H:%M}+00", minute),
    ("%Y-%m-%d %H:%M:%S %z", lambda when: f"{when:%Y-%m-%d %H:%M:%S} +00", lambda when: when),
    ("%Y-%m", lambda when: f"{when:%Y-%m}", month),
    ("%YM%m", lambda when: f"{when:%YM%m}", month),
    ("%Y-%m", lambda when: f"{when.year}-{when.month}", month),
    ("%Y/%m", lambda when: f"{when:%Y/%m}", month),
    ("%m/%Y", lambda when: f"{when:%m/%Y}", month),
    ("%m-%Y", lambda when: f"{when.month}-{when.year}", month),
    ("%b-%y", lambda when: f"{when:%b-%y}", month),
    ("%b-%y", lambda when: f"{when:%b-%y}".upper(), month),
    ("%b-%Y", lambda when: f"{when:%b-%Y}", month),
    ("%b %Y", lambda when: f"{when:%b %Y}", month),
    ("%B %Y", lambda when: f"{when:%B %Y}", month),
    ("%Y %b", lambda when: f"{when:%Y %b}", month),
    ("%a, %d %b %Y %H:%M:%S GMT", lambda when: f"{when:%a, %d %b %Y %H:%M:%S} GMT", lambda when: when),
    ("%a, %d %b %Y %H:%M:%S GMT", lambda when: f"{when:%a, }{when.day}{when: %b %Y %H:%M:%S} GMT", lambda when: when),
    ("%a, %d %b %Y %H:%M:%S %z", lambda when: f"{when:%a, %d %b %Y %H:%M:%S} +0000", lambda when: when),
    ("%a, %d %b %Y %H:%M:%S %z", mailed(-7, "-0700 (PDT)"), lambda when: when),
    ("%a, %d %b %Y %H:%M:%S %z", mailed(2, "+0200 (Central European Time)"), lambda when: when),
    ("%a, %d %b %Y %H:%M:%S %z", mailed(0, "+0000 (UTC)"), lambda when: when),
    ("%a, %d %b %Y %H:%M:%S %z", mailed(-5, "EST"), lambda when: when),
    ("%d %b %Y %H:%M:%S %z", lambda when: mailed(-8, "PST")(when).split(", ")[1], lambda when: when),
    ("%d %b %Y %H:%M:%S %z", lambda when: f"{when:%d %b %Y %H:%M:%S} +0000", lambda when: when),
    ("%a %b %d %H:%M:%S %Y", lambda when: f"{when:%a %b} {when.day:2}{when: %H:%M:%S %Y}", lambda when: when),
    ("%a %b %d %H:%M:%S %z %Y", lambda when: f"{when:%a %b %d %H:%M:%S} +0000 {when.year}", lambda when: when),
    ("%d/%b/%Y:%H:%M:%S %z", lambda when: f"{when:%d/%b/%Y:%H:%M:%S} +0000", lambda when: when),
    ("%Y%m%dT%H%M%S%z", lambda when: f"{when:%Y%m%dT%H%M%S}Z", lambda when: when),
    ("%YQ%q", lambda when: f"{when.year}Q{quarter(when)}", first_of_quarter),
    ("%YQ%q", lambda when: f"{when.year}q{quarter(when)}", first_of_quarter),
    ("%Y-Q%q", lambda when: f"{when.year}-Q{quarter(when)}", first_of_quarter),
    ("Q%q %Y", lambda when: f"Q{quarter(when)} {when.year}", first_of_quarter),
    ("Q%q %y", lambda when: f"Q{quarter(when)} {when:%y}", first_of_quarter),
    ("%qQ%Y", lambda when: f"{quarter(when)}Q{when.year}", first_of_quarter),
    ("%qQ%y", lambda when: f"{quarter(when)}Q{when:%y}", first_of_quarter),
    ("%G-W%V", lambda when: f"{when:%G-W%V}", monday),
    ("%GW%V", lambda when: f"{when:%GW%V}", monday),
    ("W%V-%G", lambda when: f"{when:W%V-%G}", monday),
    ("%G-W%V-%u", lambda when: f"{when:%G-W%V-%u}", lambda when: month(when).replace(day=when.day)),
]  # fmt: skip


def judged(folder: Path, cell: Callable[[int], str]) -> Prepared:
    return tables.judged(folder, {"a.csv": tables.added("at", cell, ROWS)}, target="churned")


def encoder_of(found: Prepared) -> Encoder:
    schema: Any = {"task": "binary", "columns": [{"name": c.name, "kind": c.kind, "used": c.used, **c.facts} for c in found.columns]}  # fmt: skip
    fitted = Encoder.fit(
        outputs.Part(found.columns, found.target, np.arange(ROWS)).frame(), schema, found.target.labels.astype(np.int64)
    )
    return Encoder.from_json(fitted.to_json())


def check_alike(found: Prepared, cell: Callable[[int], str]) -> Encoder:
    """The training rows give the same numbers in bulk and as requests."""
    encoder = encoder_of(found)
    bulk = encoder.encode_frame(outputs.Part(found.columns, found.target, np.arange(ROWS)).frame())[
        :, encoder.slices["at"]
    ]
    asked = encoder.encode_rows(["at"], [[f" {cell(i)} "] for i in range(ROWS)])[:, encoder.slices["at"]]
    np.testing.assert_array_equal(bulk, asked)
    return encoder


@pytest.mark.parametrize(("pattern", "write", "meant"), WRITTEN, ids=[w(START) for _, w, _ in WRITTEN])
def test_dates_are_dates(pattern: str, write: Write, meant: Callable[[datetime], datetime], tmp_path: Path) -> None:
    found = judged(tmp_path, lambda i: write(moment(i)))
    column = found.columns[0]
    assert (column.kind, column.facts["date_format"], column.used) == ("date", pattern, True)
    assert column.moments is not None
    assert column.moments.astype("datetime64[us]").tolist() == [meant(moment(i)) for i in range(ROWS)]
    assert not [w for w in found.notes.warnings if w.column == "at" and w.code not in ("two-digit-years", "time-order")]
    check_alike(found, lambda i: write(moment(i)))


CLOCKS: list[tuple[str, Write]] = [
    ("%H:%M:%S", lambda when: f"{when:%H:%M:%S}"),
    ("%H:%M:%S", lambda when: f"{when.hour}:{when:%M:%S}"),
    ("%H:%M", lambda when: f"{when:%H:%M}"),
    ("%I:%M %p", lambda when: f"{hour(when)}:{when:%M %p}"),
    ("%I:%M:%S %p", lambda when: f"{when:%I:%M:%S %p}".lower()),
    ("%I:%M%p", lambda when: f"{when:%I:%M%p}"),
    ("%I:%M %p", lambda when: f"{hour(when)}:{when:%M} {'a.m.' if when.hour < 12 else 'p.m.'}"),
    ("%I %p", lambda when: f"{hour(when)} {when:%p}"),
    ("%H:%M:%S.%f", lambda when: f"{when:%H:%M:%S}.5"),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "write"), CLOCKS, ids=[w(START) for _, w in CLOCKS])
def test_times_of_day_are_seconds_since_midnight(pattern: str, write: Write, tmp_path: Path) -> None:
    found = judged(tmp_path, lambda i: write(moment(i)))
    assert (found.columns[0].kind, found.columns[0].facts["date_format"]) == ("date", pattern)
    encoder = check_alike(found, lambda i: write(moment(i)))
    assert "at.seconds" in encoder.features
    assert not [name for name in encoder.features if name in ("at.year", "at.day")]
    asked = encoder.encode_rows(["at"], [[write(START + timedelta(hours=18))], ["n/a"]])[:, encoder.slices["at"]]
    assert asked[0].tolist() == [64_800]
    assert np.isnan(asked[1]).all()
    with pytest.raises(UnreadableCellError, match='row 1: column "at" should hold a date like'):
        encoder.encode_rows(["at"], [["25:61"]])


def test_a_month_has_no_day(tmp_path: Path) -> None:
    encoder = encoder_of(judged(tmp_path, lambda i: f"{moment(i):%Y-%m}"))
    assert [name for name in encoder.features if name.startswith("at.")] == ["at.year", "at.month", "at.days"]


@pytest.mark.parametrize(
    "cell",
    [
        lambda i: f"abc-{10 + i % 80}",
        lambda i: f"plan {10 + i % 80}",
        lambda i: f"{1 + i % 9}:{i % 5}",
        lambda i: f"{1000 + i}-{i % 90}",
        lambda i: f"Q{1 + i % 9} {i % 90 + 10}",
        lambda i: f"9999-{10 + i % 80}",
        lambda i: f"W{i % 60}",
        lambda i: f"may be {i}",
        lambda i: f"10.0.{i % 200}.{i % 7}",
    ],
)  # fmt: skip
def test_what_looks_a_little_like_dates_is_none(cell: Callable[[int], str], tmp_path: Path) -> None:
    assert judged(tmp_path, cell).columns[0].kind in ("categorical", "text", "identifier")


def dated(cell: str, i: int) -> str:
    return cell.format(1 + i % 12)


def test_a_number_is_no_date_whatever_dates_are_written_like(tmp_path: Path) -> None:
    for cell in ("{}", "{}.5", "2024.{:02d}", "{:02d}.2024"):
        assert judged(tmp_path, partial(dated, cell)).columns[0].kind == "numeric"


def _spoiled(word: str, chance: random.Random) -> str:
    place = chance.randrange(len(word) + 1)
    return (
        word[:place] + chance.choice(["", " ", "0", "9", "Q", "-", ":", "x", "5"]) + word[place + chance.randrange(2) :]
    )


def _written(when: datetime, form: str) -> str:
    return when.strftime(form.replace("%q", str(quarter(when))).replace("%z", "+00"))


@pytest.mark.parametrize("form", sorted({form for i, form in enumerate(_FORMATS) if i % 5 == 0} | set(_FORMATS[-60:])))
def test_files_and_requests_are_read_alike_in_every_format(form: str) -> None:
    """Whole and spoiled cells: what is a date in a file is the same date in a request, what is none is none."""
    chance = random.Random(form)
    words = [_written(moment(chance.randrange(900)), form) for _ in range(8)]
    words = list(dict.fromkeys(words + [_spoiled(word, chance) for word in words for _ in range(3)]))
    in_file = parsed(pa.array(words), form).astype("datetime64[us]")
    for word, read in zip(words, in_file, strict=True):
        try:
            strptime(word, form)
            asked = dates("at", [word], form)[0]
        except (ValueError, OverflowError):
            asked = np.datetime64("NaT")
        assert read == asked or (np.isnat(read) and np.isnat(asked)), word


def test_no_date_and_dates_out_of_range_are_missing_in_requests_too(tmp_path: Path) -> None:
    def cell(i: int) -> str:
        return ("0000-00-00", "9999-12-31", "0000-00-00")[i % 3] if i % 6 == 0 else f"{moment(i):%Y-%m-%d}"

    found = judged(tmp_path, cell)
    assert found.columns[0].missing == ROWS // 6
    check_alike(found, cell)


def test_a_mark_for_no_date_is_missing_in_requests_and_in_traffic(tmp_path: Path) -> None:
    def cell(i: int) -> str:
        return ("open", "0000-00-00", "9999-12-31")[i % 3] if i % 5 == 0 else f"{moment(i):%Y-%m-%d}"

    found = judged(tmp_path, cell)
    check_alike(found, cell)
    assert found.columns[0].facts["missing_words"] == ["open"]
    entry = {"name": "at", "kind": "date", "used": True, **found.columns[0].facts}
    schema: Any = {"columns": [entry], "target": "churned", "classes": ["no", "yes"]}
    shape = Shape.of(schema)
    seen = shape.read[0].from_texts([cell(i) for i in range(ROWS)])
    assert seen.null_count == found.columns[0].missing == ROWS // 5
    again = shape.read[0].from_dictionary(pa.array([cell(i) for i in range(ROWS)]).dictionary_encode())
    assert again.null_count == seen.null_count


def test_fractions_of_a_second_may_be_left_out(tmp_path: Path) -> None:
    """As Python and PostgreSQL leave them out where they are zero."""

    def cell(i: int) -> str:
        return f"{moment(i):%m/%d/%Y %H:%M:%S}" + (f".{i:03d}" if i % 3 else "")

    found = judged(tmp_path, cell)
    assert (found.columns[0].kind, found.columns[0].missing) == ("date", 0)
    assert not [w for w in found.notes.warnings if w.code in ("ambiguous-dates", "mixed-dates")]
    check_alike(found, cell)


def test_quarters_in_files_that_read_by_settings(tmp_path: Path) -> None:
    content = text([[f"Q{1 + i % 4} 2024" if i % 2 else "later", *r] for i, r in enumerate(tables.rows())], ("q", *tables.HEADER))  # fmt: skip
    found = tables.judged(tmp_path, {"a.csv": content}, target="churned", columns={"q": "date"})
    assert (found.columns[0].kind, found.columns[0].missing) == ("date", 30)
