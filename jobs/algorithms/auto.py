"""The ensemble of our own: trained on typed columns, because what learns from the target is fitted per fold there."""

from collections.abc import Iterator
from pathlib import Path

from jobs.algorithms import ImportanceError, Part, Trained, Written
from jobs.encoding.typed_rows import ROW_GROUP, Group, write_typed
from jobs.schema import Schema

PARQUET = "application/x-parquet"


class Auto:
    """See `jobs.algorithms.Algorithm`."""

    content_type = PARQUET

    def write_rows(self, prepared: Path, train: Part, validation: Part, schema: Schema) -> Written:
        for name, part in (("train", train), ("validation", validation)):
            write_typed(prepared / name / f"{name}.parquet", _groups(part), schema)
        return Written()

    def gain_by_feature(self, archive: Path) -> dict[str, float]:
        raise ImportanceError(f"{archive.name} holds an ensemble, whose members do not share their features.")

    def trained(self, archive: Path) -> Trained:
        raise ImportanceError(f"{archive.name} answers by itself: it holds its own encoder.")


def _groups(part: Part) -> Iterator[Group]:
    """A row group at a time: the whole table is not copied."""
    for start in range(0, len(part.labels), ROW_GROUP):
        stop = start + ROW_GROUP
        yield part.labels[start:stop], part.frame(start, stop)
