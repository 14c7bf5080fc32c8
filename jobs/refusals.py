"""How a job ends: the sentence a person reads, and the exit code the relay decides by.

A job that stops because of something its user can mend raises `Refusal`: exit code 2, and a sentence that begins with
a stable code in brackets. Everything else is a fault of ours or of the machine: exit code 1 and `[unexpected] ...`,
with the traceback in the log, but without messages that may quote a cell. SageMaker shows the message file as the job's
`ExitMessage`, at most 1,000 characters of it, so a sentence is cut here, at a word, and not somewhere in the middle by
the service.

This module must not know any particular code: each job keeps its own table beside the decisions that use it.
"""

from __future__ import annotations

import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypedDict, cast

MESSAGE_FILE = "/opt/ml/output/message"
MESSAGE_LIMIT = 1_000
DONE, UNEXPECTED, REFUSED = 0, 1, 2
_PLAIN = re.compile(r"[^\W\d](?:[\w .-]*\w)?")
_NO_WORD = frozenset({"yes", "no", "true", "false", "on", "off", "null", "y", "n"})
_NAME_NO_CELLS = ("jobs.", "botocore.", "boto3.")


class Refusal(Exception):  # noqa: N818  a refusal is an answer, not an error of the program
    """Input that is not worked on: a stable kebab-case `code`, and a `sentence` saying what, where, and what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        self.sentence = printable(sentence)
        super().__init__(f"[{code}] {self.sentence}")


class Notice(TypedDict):
    """A warning to the owner of the data, as it travels to mail and report."""

    code: str
    sentence: str
    file: str | None
    row: int | None
    column: str | None
    first: bool


@dataclass(frozen=True)
class Warned:
    """One thing that was read all the same. Row as a person counts it in the file: the header is row 1.

    `first`: it may make all figures worthless, so it belongs among a mail's first lines.
    """

    code: str
    sentence: str
    file: str | None = None
    row: int | None = None
    column: str | None = None
    first: bool = False

    def to_json(self) -> Notice:
        return cast("Notice", asdict(self))


def printable(text: str) -> str:
    """A text on one line that moves no terminal: names of files may hold escapes and line breaks.

    >>> printable("a\\x1b[2J\\nb")
    'a\\\\x1b[2J\\\\nb'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def shown(name: object, limit: int = 60) -> str:
    """A name or cell of the user's as it may stand in a sentence: quoted, on one line, cut when long.

    >>> shown("a\\nb")
    '"a\\\\nb"'
    """
    text = printable(str(name)[: limit + 1])
    return f'"{text[:limit]}…"' if len(text) > limit else f'"{text}"'


def counted(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun.

    >>> counted(1, "row"), counted(1200, "row"), counted(0, "check")
    ('1 row', '1,200 rows', 'no checks')
    """
    noun = one if count == 1 else many or one + "s"
    return f"{count:,} {noun}" if count else f"no {noun}"


def in_yaml(name: str) -> str:
    """A name as it may be copied into a list or a mapping of relay.yaml: in quotation marks where YAML needs them.

    >>> in_yaml("paid"), in_yaml("no"), in_yaml("a: b"), in_yaml("2024")
    ('paid', '"no"', '"a: b"', '"2024"')
    """
    plain = _PLAIN.fullmatch(name) and name.casefold() not in _NO_WORD
    return name if plain else json.dumps(name, ensure_ascii=False)


def listed(names: Sequence[object], limit: int = 5) -> str:
    """Names in a sentence: the first few, and how many more there are."""
    head = ", ".join(shown(name) for name in names[:limit])
    return head if len(names) <= limit else f"{head} and {len(names) - limit:,} more"


def run(job: Callable[[], None]) -> int:
    """Run a job to its end and answer its exit code; what stopped it is written to the message file."""
    try:
        job()
    except Refusal as refusal:
        _leave(str(refusal))
        return REFUSED
    except SystemExit as stopped:  # argparse ends this way, and its own code 2 would pass for a refusal
        if not stopped.code:
            return DONE
        _leave("[unexpected] the job was called with arguments it does not know; its log says which.")
        return UNEXPECTED
    except Exception as error:  # noqa: BLE001  the outermost edge: nothing may end without its sentence
        print(traced(error), file=sys.stderr, flush=True)
        _leave(f"[unexpected] {told(error)}")
        return UNEXPECTED
    return DONE


def told(error: BaseException) -> str:
    """An error in a sentence: with its own words only where those cannot quote a cell of the user's.

    Our own errors name places, AWS's name resources, the system's name files. Any other library may put the value it
    choked on into its message, so of those only the class and the place in our code are told.
    """
    kind = type(error)
    if kind.__module__.startswith(_NAME_NO_CELLS) or isinstance(error, (OSError, MemoryError, ImportError)):
        return f"{kind.__name__}: {error}"
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if f"{os.sep}jobs{os.sep}" in frame.filename]
    where = f" in {'/'.join(Path(ours[-1].filename).parts[-3:])}, line {ours[-1].lineno}" if ours else ""
    return f"{kind.__name__}{where}; the job's log says how it came there."


def traced(error: BaseException) -> str:
    """The traceback for the log, causes first: places and code, and `told` instead of the message.

    >>> print(traced(ValueError("could not convert string to float: 'Ada'")))
    Traceback (most recent call last):
    ValueError; the job's log says how it came there.
    """
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    head = f"{traced(before)}\n\nand then:\n\n" if before is not None else ""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{head}Traceback (most recent call last):\n{frames}{told(error)}"


def _leave(message: str) -> None:
    line = printable(" ".join(message.split()))
    if len(line) > MESSAGE_LIMIT:
        line = line[: MESSAGE_LIMIT - 2].rsplit(" ", 1)[0] + " …"
    print(line, file=sys.stderr, flush=True)
    path = Path(os.environ.get("SAGERELAY_MESSAGE_FILE", MESSAGE_FILE))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(line, encoding="utf-8")
    except OSError as error:  # the exit code still tells the relay; the sentence stands in the log
        print(f"The message file {path} cannot be written: {error}", file=sys.stderr, flush=True)
