"""A block of capture records at once: pyarrow parses the JSON into columns, `payloads.py` the requests inside.

It takes only what is plain: records whose request and answer are CSV with as many lines on either side. Odd ones are
handed to `careful.py`; where a piece cannot be parsed as a whole it raises `Surprise`, and the caller tries smaller
pieces. It must never guess: a row it answers is the row the endpoint read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json

from jobs.capture.batch import Batch, Identified
from jobs.capture.blocks import Block, Lines
from jobs.capture.careful import read_lines, row_ids
from jobs.capture.headers import by_header
from jobs.capture.payloads import Payloads, Surprise, parse_answers, parse_requests
from jobs.capture.records import Which, marks
from jobs.capture.shape import Shape
from jobs.capture.tally import Tally, Trouble
from jobs.serving.headers import ID_IN_ATTRIBUTES

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
_SIDE = pa.struct([("data", pa.string()), ("encoding", pa.string())])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_LATEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_MARK = "\ufeff".encode()
_OBJECT = re.compile(rb"\s*\{")


@dataclass(frozen=True)
class _Records:
    """The records of a piece, one entry a record: pyarrow arrays; `micros` since 1970 as int64, valid where `timed`."""

    requests: Any
    answers: Any
    plain: Mask
    attributes: Any
    timed: Mask
    micros: npt.NDArray[np.int64]
    ids: Any


def read_columnar(block: Block, lines: Lines, shape: Shape, which: Which, *, identified: bool) -> Iterator[Batch]:
    """The batches of some of a block's lines. Raises Surprise."""
    records = _records(lines, identified=identified)
    odd, reasons = _left_out(records, which)
    left_out = odd.copy()
    odd |= ~records.plain
    for header, alike in by_header(records.requests, np.flatnonzero(~odd), shape):
        requests = Payloads.of(records.requests.take(pa.array(alike)), header)
        answers = Payloads.of(records.answers.take(pa.array(alike)))
        as_many = requests.counts == answers.counts
        places = alike
        if not as_many.all():
            odd[alike[~as_many]] = True
            requests, answers, places = requests.only(as_many), answers.only(as_many), alike[as_many]
        if len(places):
            batch = _plain(requests, answers, shape)
            yield _told(batch, _Told(block, lines.first, records, places, requests.counts), identified=identified)
    careful = np.flatnonzero(odd & ~left_out)
    if len(careful):
        every = lines.data.split(b"\n")
        chosen = [(lines.first + int(place), every[place]) for place in careful]
        yield from read_lines(block, chosen, shape, which, identified=identified)
    yield Batch(0, tally=Tally(records=int(left_out.sum()), left_out=reasons))


def _records(lines: Lines, *, identified: bool) -> _Records:
    if not lines.data.isascii():
        _check_text(lines.data)
    table = _parsed(lines.data, identified=identified)
    if table.num_rows != lines.count:
        raise Surprise
    capture, about = (table[name].combine_chunks() for name in ("captureData", "eventMetadata"))
    request, answer = (pc.struct_field(capture, name) for name in ("endpointInput", "endpointOutput"))
    try:
        times = pc.struct_field(about, "inferenceTime").cast(pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:
        raise Surprise from None
    micros = times.cast(pa.int64()).fill_null(0).to_numpy()
    if len(micros) and not _EARLIEST <= micros.min() <= micros.max() <= _LATEST:
        raise Surprise
    ids = None
    if identified:
        ids = _ids(about)
    return _Records(
        pc.struct_field(request, "data"),
        pc.struct_field(answer, "data"),
        _is_csv(request) & _is_csv(answer),
        pc.struct_field(about, "customAttributes"),
        _mask(times.is_valid()),
        micros,
        ids,
    )


def _ids(about: Any) -> Any:
    """As `records.own_id`."""
    given, attributes = pc.struct_field(about, "inferenceId"), pc.struct_field(about, "customAttributes")
    events = pc.struct_field(about, "eventId")
    if attributes.null_count == len(attributes):
        return pc.coalesce(given, events)
    among = pc.struct_field(pc.extract_regex(_texts(attributes), ID_IN_ATTRIBUTES), "id")
    return pc.coalesce(given, among, events)


def _texts(attributes: Any) -> Any:
    """Custom attributes as a text each, null where there are none."""
    return attributes if pa.types.is_string(attributes.type) else pc.binary_join(attributes, ",")


def _check_text(data: bytes) -> None:
    try:
        data.decode()
    except UnicodeDecodeError:
        raise Surprise from None
    if _MARK in data:
        raise Surprise


def _parsed(data: bytes, *, identified: bool) -> Any:
    """The records as a table; custom attributes are a list of strings, of some writers a string.

    pyarrow 22 does not survive a first line that is `null`; another value than an object is a Surprise anyway.
    """
    if not _OBJECT.match(data):
        raise Surprise
    for attributes in (pa.list_(pa.string()), pa.string()):
        about = [("customAttributes", attributes), ("inferenceTime", pa.string())]
        about += [("eventId", pa.string()), ("inferenceId", pa.string())] if identified else []
        schema = pa.schema(
            [
                ("captureData", pa.struct([("endpointInput", _SIDE), ("endpointOutput", _SIDE)])),
                ("eventMetadata", pa.struct(about)),
            ]
        )
        try:
            return arrow_json.read_json(
                pa.BufferReader(data),
                read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(data) + 1),
                parse_options=arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
            )
        except pa.ArrowInvalid:
            continue
    raise Surprise


def _is_csv(side: Any) -> Mask:
    named = pc.equal(pc.struct_field(side, "encoding"), "CSV").fill_null(fill_value=False)
    return _mask(pc.and_(named, pc.struct_field(side, "data").is_valid()))


def _mask(values: Any) -> Mask:
    mask: Mask = values.to_numpy(zero_copy_only=False)
    return mask


def _left_out(records: _Records, which: Which) -> tuple[Mask, dict[str, int]]:
    """Which records do not count, and how many for what reason."""
    reasons = np.zeros(len(records.plain), np.int8)
    names: list[str] = [""]

    def put(places: Any, reason: str | None) -> None:
        if reason is not None and reason not in names:
            names.append(reason)
        reasons[places] = 0 if reason is None else names.index(reason)

    put(slice(None), which.left_out((), None))
    if which.promoted is not None:
        reason = which.left_out((), which.promoted - timedelta(microseconds=1))
        promoted = (which.promoted - _EPOCH) // timedelta(microseconds=1)
        put(records.timed & (records.micros < promoted), reason)
    for text, places in _marked(records.attributes):
        put(places, which.left_out(marks(text), None))
    counts = np.bincount(reasons, minlength=len(names)).tolist()
    return reasons > 0, {name: count for name, count in zip(names, counts, strict=True) if name and count}


def _marked(attributes: Any) -> Iterator[tuple[str, Places]]:
    """The different custom attributes with a mark of SageRelay's, and the records that carry them."""
    if attributes.null_count == len(attributes):
        return
    texts = _texts(attributes)
    ours = np.flatnonzero(_mask(pc.match_substring(texts, "sagerelay=").fill_null(fill_value=False)))
    different = texts.take(pa.array(ours)).dictionary_encode()
    codes = different.indices.to_numpy()
    for code, text in enumerate(different.dictionary.to_pylist()):
        if marks(text):
            yield text, ours[codes == code]


def _plain(requests: Payloads, answers: Payloads, shape: Shape) -> tuple[Batch, Mask]:
    """The rows of plain records, and which rows hold a number that is none."""
    columns, strange = parse_requests(requests, shape)
    predicted, probabilities = parse_answers(answers, shape.classes)
    return Batch(int(requests.counts.sum()), columns, predicted, probabilities), strange


@dataclass(frozen=True)
class _Told:
    """What is needed to say where rows came from: `places` of the records read, with `counts` rows each."""

    block: Block
    first: int
    records: _Records
    places: Places
    counts: Places

    def tally(self, rows: int, strange: Mask) -> Tally:
        timed = self.records.timed[self.places]
        micros = self.records.micros[self.places][timed]
        troubles: dict[str, Trouble] = {}
        if not timed.all():
            troubles["without-time"] = self._trouble(self.places[~timed])
        if strange.any():
            troubles["not-finite"] = self._trouble(np.unique(np.repeat(self.places, self.counts)[strange]))
        first, last = (_moment(micros.min()), _moment(micros.max())) if len(micros) else (None, None)
        size = len(self.places)
        return Tally(size, size, rows, troubles=troubles, first=first, last=last)

    def _trouble(self, places: Places) -> Trouble:
        return Trouble(len(places), min(self.block.place(self.first + int(place)) for place in places))

    @cached_property
    def seconds(self) -> npt.NDArray[np.float64]:
        """A row's inference, NaN where unknown."""
        micros = self.records.micros[self.places]
        by_record = np.where(self.records.timed[self.places], micros / 1e6, np.nan)
        return by_record if (self.counts == 1).all() else np.repeat(by_record, self.counts)

    def identified(self) -> Identified:
        own = self.records.ids.take(pa.array(self.places))
        if (self.counts == 1).all():
            return Identified(own, self.seconds)
        ids = [
            name for one, rows in zip(own.to_pylist(), self.counts.tolist(), strict=True) for name in row_ids(one, rows)
        ]
        return Identified(pa.array(ids, pa.string()), self.seconds)


def _moment(micros: np.int64) -> datetime:
    return _EPOCH + timedelta(microseconds=int(micros))


def _told(read: tuple[Batch, Mask], told: _Told, *, identified: bool) -> Batch:
    batch, strange = read
    who = told.identified() if identified else None
    tally = told.tally(batch.rows, strange)
    return Batch(batch.rows, batch.columns, batch.predicted, batch.probabilities, who, tally, told.seconds)
