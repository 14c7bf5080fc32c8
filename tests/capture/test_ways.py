"""However records are divided and whichever way they are read: the same rows, the same account."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.capture import Shape, Tally, Which, cut, read
from jobs.capture.blocks import Block, Lines
from jobs.capture.careful import read_lines
from jobs.capture.columnar import read_columnar
from jobs.capture.payloads import Surprise
from jobs.capture.tally import Trouble
from tests.capture.capturing import ANSWER, ROW, SCHEMA, record, rows_of

SHAPE = Shape.of(SCHEMA)
WHICH = Which(datetime(2026, 11, 21, 10, 0, tzinfo=UTC))

NUMBERS = ["", "41", "-1.5e3", " 7", "+3", "NaN", "inf", "1e39", "NA", "?", "0"]
WORDS = ["x", "basic", " pro", "Yes", "no", "é", "\ufeff1", "age", "plan", '"a,b"', '"c\nd"', '"e""f"', ' "g"', 'h"i']
cells = st.sampled_from([*NUMBERS, *WORDS])
plain_rows = st.tuples(
    st.sampled_from(["41", "", "1.25", "-0.0", "NaN", "NA"]),
    st.sampled_from(["basic", "pro", " pro ", "unknown", "new", '"a, b"', "é"]),
    st.sampled_from(["Yes", "no", "1", "", "FALSE"]),
    st.sampled_from(["2026-01-02", ""]),
    st.sampled_from(["", "hello", '"x ""y"""']),
).map(",".join)
rows = st.one_of(plain_rows, plain_rows, plain_rows, st.lists(cells, min_size=4, max_size=6).map(",".join))
headers = st.sampled_from(
    ["", "", "", "age,plan,member,signed,note\n", "plan,age,churned,signed,member,note\n", "age,plan,x,y,z\n"]
)
breaks = st.sampled_from(["\n", "\n", "\n", "\r\n", "", "\n\n"])
answers = st.sampled_from([ANSWER, ANSWER, ANSWER, "no,0.9,0.1", "perhaps,1,0", "yes,nan,1", "1.5"])
attributes = st.sampled_from(
    [None, None, ["trace=1"], "trace=2", ["sagerelay=evaluation"], "a=1,sagerelay=drill-x", ["t=1", "inference-id=o-1"],
     "inference_id=o-2;t=1", ["inference-id="]]
)  # fmt: skip
times = st.sampled_from(["2026-11-21T10:00:00Z", "2026-11-21T10:00:01Z", "2026-11-21T09:59:59Z", None, "{%s}"])


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """A record, mostly plain."""
    count = draw(st.sampled_from([1, 1, 2, 3]))
    body = draw(breaks).join([*(draw(rows) for _ in range(count)), ""]) if count > 1 else draw(rows) + draw(breaks)
    line = record(
        draw(headers) + body,
        "\n".join([draw(answers) for _ in range(draw(st.sampled_from([count, count, count, 0])))]) + draw(breaks),
        attributes=draw(attributes),
        time=draw(times),
        event_id=draw(st.sampled_from(["a", "b"])),
        inference_id=draw(st.sampled_from([None, "c"])),
        encoding=draw(st.sampled_from(["CSV", "CSV", "CSV", "BASE64", "JSON"])),
    )
    return draw(st.sampled_from([line] * 8 + [line[: len(line) // 2] + b"\n", b"\n", b"[]\n", b"\xff\n"]))


plain = st.builds(lambda row, time: record(row + "\n", time=time), plain_rows, times)
traffic = st.lists(st.one_of(plain, lines()), max_size=12)


def every(block: Block) -> Lines:
    """All lines of a block."""
    return Lines(0, block.lines, block.data)


def account(tally: Tally, *, but: str = "") -> tuple[Tally, dict[str, int]]:
    """What was counted. Without the first places, which depend on the names of the files."""
    counts = {code: trouble.count for code, trouble in sorted(tally.troubles.items()) if code != but}
    return replace(tally, troubles={}), counts


@settings(max_examples=250, deadline=None)
@given(traffic)
def test_the_columnar_way_reads_what_the_careful_way_reads(records: list[bytes]) -> None:
    data = b"".join(records)
    columnar = list(read([("f", data)], SHAPE, WHICH, identified=True))
    careful = [
        batch
        for block in cut([("f", data)])
        for batch in read_lines(block, every(block).numbered(), SHAPE, WHICH, identified=True)
    ]
    assert rows_of(columnar) == rows_of(careful)
    first, second = (sum((batch.tally for batch in way), start=Tally()) for way in (columnar, careful))
    assert {code: one for code, one in first.troubles.items() if code != "empty-file"} == second.troubles
    assert replace(first, troubles={}) == replace(second, troubles={})


@settings(max_examples=400, deadline=None)
@given(lines())
def test_a_single_record_is_read_columnar_only_as_it_is_read_carefully(line: bytes) -> None:
    [block] = cut([("f", line)])
    try:
        columnar = list(read_columnar(block, every(block), SHAPE, WHICH, identified=True))
    except Surprise:
        return
    careful = list(read_lines(block, every(block).numbered(), SHAPE, WHICH, identified=True))
    assert rows_of(columnar) == rows_of(careful)


@settings(max_examples=60, deadline=None)
@given(traffic, st.randoms(use_true_random=False), st.integers(1, 5), st.integers(1, 2000))
def test_files_order_and_blocks_do_not_matter(records: list[bytes], chance: object, files: int, size: int) -> None:
    whole = list(read([("f", b"".join(records))], SHAPE, WHICH))
    shuffled = records.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    parts = [(f"f{number}", b"".join(shuffled[number::files])) for number in range(files)]
    parted = list(read([part for part in parts if part[1]], SHAPE, WHICH, size=size))
    assert rows_of(whole) == rows_of(parted)
    first, second = (sum((batch.tally for batch in way), start=Tally()) for way in (whole, parted))
    assert account(first, but="empty-file") == account(second, but="empty-file")


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_bytes_are_fatal(data: bytes) -> None:
    tally = sum((batch.tally for batch in read([("f", data)], SHAPE, WHICH)), start=Tally())
    assert tally.counted == 0


def test_odd_records_among_many_plain_ones_keep_their_place() -> None:
    data = record() * 700 + b"odd\n" + record() * 300 + b"odd\n"
    tally = sum((batch.tally for batch in read([("f", data)], SHAPE, Which())), start=Tally())
    assert tally.counted == 1000
    trouble: Trouble = tally.troubles["not-json"]
    assert (trouble.count, str(trouble.first)) == (2, "f line 701")


def test_row_and_answer_stay_together() -> None:
    data = b"".join(
        record(ROW.replace("41", str(age)) + "\n", f"yes,{1 - age / 256},{age / 256}\n") for age in range(256)
    )
    [batch] = [batch for batch in read([("f", data)], SHAPE, Which()) if batch.rows]
    assert batch.probabilities is not None
    assert (batch.columns["age"] / 256 == batch.probabilities[:, 1]).all()


def test_a_strange_number_beside_an_unreadable_cell_is_told_once() -> None:
    data = record(ROW.replace("41", "NaN") + "\n") + record(ROW.replace("41", "forty") + "\n", answer=None)
    tally = sum((batch.tally for batch in read([("f", data)], SHAPE, Which())), start=Tally())
    assert {code: trouble.count for code, trouble in tally.troubles.items()} == {"not-finite": 1, "unreadable-cell": 1}
