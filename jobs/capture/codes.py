"""Everything that can be wrong with a capture record: a stable code, what it is called in a sentence, what it means.

`usable` says whether the record's rows still count. A code is never reused for another meaning: mails and the pages of
former checks name it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of trouble: `what` continues "3 records …", `advice` is a sentence of its own."""

    what: str
    advice: str
    usable: bool = False
    unit: str = "record"


KINDS: dict[str, Kind] = {
    "truncated": Kind("cut off in the middle", "Left out; a writer was interrupted, or the file was cut."),
    "not-json": Kind("no JSON", "Left out; something else than data capture writes to this place."),
    "not-a-record": Kind("JSON, but no data capture record", "Left out; another program writes to this place."),
    "without-input": Kind("without the request", "Left out; the endpoint's capture must record Input and Output."),
    "undecodable": Kind("with a request that cannot be decoded", "Left out; its BASE64 or UTF-8 is damaged."),
    "unknown-format": Kind(
        "with a request of an unknown content type", "Left out; the endpoint takes text/csv, JSON lines and JSON."
    ),
    "no-rows": Kind("with a request that holds no rows", "Left out; there is nothing in them to compare."),
    "fewer-columns": Kind("with fewer columns than the model takes", "Left out; they were made for another schema."),
    "more-columns": Kind("with more columns than the model takes", "Left out; they were made for another schema."),
    "another-schema": Kind("of another schema", "Left out; they do not name the columns of the live model."),
    "unreadable-cell": Kind(
        "with a cell that cannot be read", "Left out whole; the endpoint would have refused such a request."
    ),
    "without-answer": Kind("without the model's answer", "Their features count, their answers cannot.", usable=True),
    "unreadable-answer": Kind(
        "with an answer not in the live model's form", "Their features count, their answers cannot.", usable=True
    ),
    "rows-differ": Kind(
        "with another number of answers than rows", "Their features count, their answers cannot.", usable=True
    ),
    "without-time": Kind("without a readable inference time", "They count as traffic of the live model.", usable=True),
    "base64": Kind(
        "in BASE64",
        "They were decoded and count; name the content types in the capture configuration to store them as text.",
        usable=True,
    ),
    "byte-order-mark": Kind("beginning with a byte order mark", "It was skipped; they count.", usable=True),
    "not-finite": Kind(
        "with NaN, infinity or a number beyond 32 bits",
        "Such cells count as missing, as the model takes them.",
        usable=True,
    ),
    "damaged-gzip": Kind("damaged as gzip", "What could be unpacked before the damage was read.", unit="file"),
    "empty-file": Kind("empty", "There was nothing to read in it.", usable=True, unit="file"),
}
