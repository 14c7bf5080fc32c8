"""Which rows have counted before: a row counts once, however often it is looked at, sent or corrected.

Kept of each are hashes of its id and of its inputs, and the minute of its answer; of the newest MOST, and below them a
moment before which every row is taken to have counted. So it is bounded, and forgetting never counts a row twice.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
MOST = 200_000


class CountedRows(TypedDict):
    """As it is stored: little-endian, base64. `floor` in minutes since 1970."""

    floor: int
    ids: str
    inputs: str
    minutes: str


@dataclass(frozen=True)
class Counted:
    """One entry a row; `inputs` is 0 where equal inputs say nothing."""

    ids: Hashes
    inputs: Hashes
    minutes: npt.NDArray[np.uint32]
    floor: int = 0

    @classmethod
    def none(cls) -> Counted:
        """Before the first row."""
        return cls(np.zeros(0, np.uint64), np.zeros(0, np.uint64), np.zeros(0, np.uint32))

    @classmethod
    def read(cls, stored: CountedRows) -> Counted:
        """What `written` wrote. ValueError where it is something else."""
        ids, inputs = (np.frombuffer(base64.b64decode(stored[name]), "<u8") for name in ("ids", "inputs"))
        minutes = np.frombuffer(base64.b64decode(stored["minutes"]), "<u4")
        if not len(ids) == len(inputs) == len(minutes):
            raise ValueError("a row is counted by half")
        return cls(ids.astype(np.uint64), inputs.astype(np.uint64), minutes.astype(np.uint32), int(stored["floor"]))

    def written(self) -> CountedRows:
        """For JSON."""
        ids, inputs, minutes = (
            base64.b64encode(array.astype(kind).tobytes()).decode()
            for array, kind in ((self.ids, "<u8"), (self.inputs, "<u8"), (self.minutes, "<u4"))
        )
        return {"floor": self.floor, "ids": ids, "inputs": inputs, "minutes": minutes}

    def fresh(self, ids: Hashes, seconds: Floats) -> npt.NDArray[np.bool_]:
        """Which rows have not counted; one whose time nobody knows never counts."""
        minutes = np.nan_to_num(seconds, nan=-1.0) // 60
        return ~np.isin(ids, self.ids) & (minutes >= self.floor) & (seconds >= 0)

    def repeated(self, inputs: Hashes) -> npt.NDArray[np.bool_]:
        """Which inputs have counted before."""
        return np.isin(inputs, self.inputs[self.inputs != 0])

    def more(self, ids: Hashes, inputs: Hashes, seconds: Floats, most: int = MOST) -> Counted:
        """With rows that count now."""
        minutes = np.concatenate([self.minutes, (seconds // 60).astype(np.uint32)])
        both = np.concatenate([self.ids, ids]), np.concatenate([self.inputs, inputs])
        if len(minutes) <= most:
            return Counted(*both, minutes, self.floor)
        # A minute is kept whole or not at all: of half a minute nobody could say which rows are the counted ones.
        floor = int(np.sort(minutes)[-most]) + 1
        kept = minutes >= floor
        return Counted(both[0][kept], both[1][kept], minutes[kept], floor)
