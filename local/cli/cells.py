"""The cells that a mail speaks of, for the terminal of the person who has the file at hand.

A mail shows only the form of a cell ("99A"), since it may be anybody's name and a mail travels. Whoever started the run
has the file itself, and searches it for what stands there. So the row and column that a sentence names are read again
from the file on this machine, by the jobs' own reader, whose rows are the same. What is found goes to the terminal and
nowhere else; a cell is shown only where its form is the one in the sentence, so that nothing wrong is ever shown:
whatever does not fit (a file that changed, settings that lie in the bucket) is passed over in silence.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from chalicelib.names import DatasetKeys
from jobs.refusals import printable, shown
from local.cli.upload import Upload

LONGEST = 80
HEADING = "What stands there (shown on this terminal only):"
_LIKE = re.compile(r'\b(?:cells?|words?) like "')
_ROW = re.compile(r"\brow ([\d,]*\d)")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it is written in a file: the row as a person counts, the column's name, the text."""

    file: str
    row: int
    column: str
    text: str


def cells_meant(text: str, upload: Upload) -> list[str]:
    """The lines that show the cells a mail's sentences are about; none where there is nothing to show."""
    sentences = [line for line in text.splitlines() if _LIKE.search(line)]
    if not sentences:
        return []
    reader = _Reader(upload)
    cells = list(dict.fromkeys(cell for sentence in sentences for cell in reader.meant(sentence)))
    return [HEADING, *(_line(cell, several=len(upload.files) > 1) for cell in cells)] if cells else []


class _Reader:
    """Reads each file of an upload once, when a sentence needs it."""

    def __init__(self, upload: Upload) -> None:
        self._files = {printable(key): path for key, path in upload.objects()}
        self._folder = DatasetKeys(upload.dataset).train
        self._settings = _mapping(upload.settings)
        self._rows = cache(self._read)

    def meant(self, sentence: str) -> list[Cell]:
        """The cells in the rows and columns of a sentence whose form stands in it too."""
        from jobs.encoding.mask import mask  # with pyarrow, which a run without a remark need not wait for
        from jobs.encoding.text import composed

        numbers = [int(number.replace(",", "")) for number in _ROW.findall(sentence)]
        found = []
        for file in self._named(sentence):
            grid = self._rows(file)
            if grid is None:
                continue
            for place, name in enumerate(grid.names):
                if f"olumn {shown(name)}" not in sentence:
                    continue
                for number in numbers:
                    text = _at(grid, place, number)
                    if text is not None and f"like {mask(composed(text.strip()))}" in sentence:
                        found.append(Cell(Path(file).name, number, name, text.strip()))
        return found

    def _named(self, sentence: str) -> list[str]:
        named = [file for file in self._files if re.search(re.escape(file) + r"(?=[:,;)\s]|\.\s|\.$)", sentence)]
        is_of_others = self._folder in sentence  # files that lie in the bucket since before
        return named if named or is_of_others or len(self._files) > 1 else list(self._files)

    def _read(self, file: str) -> Any:
        from jobs.tables.notes import Notes
        from jobs.tables.table import composed_settings, read_rows

        try:
            settings = composed_settings(self._settings)
            return read_rows(self._files[file], file, settings, Notes())[0]
        except Exception:  # noqa: BLE001  the mail has said what is wrong; this is only a help for the eye
            return None


def _at(grid: Any, place: int, number: int) -> str | None:
    """The cell in a row as a person counts them; None where the file has no such row, or nothing in the cell."""
    if grid.rows is None:
        index = number - grid.first_row
    else:
        index = int(grid.rows.searchsorted(number))
        if index < grid.height and int(grid.rows[index]) != number:
            return None
    if not 0 <= index < grid.height:
        return None
    text = grid.columns[place][index].as_py()
    return None if text is None else str(text)


def _line(cell: Cell, *, several: bool) -> str:
    where = f"{cell.file}, row" if several else "row"
    return f"  {printable(where)} {cell.row:,}, column {shown(cell.column)}: {shown(cell.text, LONGEST)}"


def _mapping(text: str | None) -> Mapping[str, Any]:
    try:
        settings = yaml.safe_load(text) if text else None
    except (yaml.YAMLError, RecursionError):
        return {}
    return settings if isinstance(settings, dict) else {}
