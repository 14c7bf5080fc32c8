"""Tell a run as it happens: a live picture on a terminal, plain lines where there is none (a pipe, CI).

Two tellers with the same three methods, chosen once by `teller`. Neither asks anything of AWS.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from chalicelib.contract.metrics import number
from local.cli.changes import changes, duration, figure_text, lasted, trial_words
from local.cli.progress import TITLES, Figure, Progress, Search, Work
from local.mailbox import Mail

SPINNER = Spinner("dots")  # one for all pictures: a new one each time would never get past its first frame


class Teller(Protocol):
    """Whoever tells a run. Used as a context: leaving it leaves the terminal as it was."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def look(self, progress: Progress) -> None:
        """What can be seen now; called again and again."""

    def mail(self, mail: Mail) -> None:
        """An email that has just arrived."""

    def say(self, line: str) -> None:
        """A sentence of the command itself."""


class PlainTeller:
    """Lines with the seconds since the start, flushed at once, so that a log shows when what happened."""

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock, self._start = console, clock, clock()
        self._seen = Progress()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def look(self, progress: Progress) -> None:
        for line in changes(self._seen, progress):
            self.say(line)
        self._seen = progress

    def mail(self, mail: Mail) -> None:
        self.say(f"mail: {mail.subject}")
        for line in mail.body.splitlines():
            self._print(f"    | {line}".rstrip())

    def say(self, line: str) -> None:
        self._print(f"{self._clock() - self._start:7.1f} s  {line}")

    def _print(self, line: str) -> None:
        # Text, not markup: a column named [red] must come out as it is.
        self._console.print(Text(printable(line)), soft_wrap=True)


class LiveTeller:
    """A picture that moves below, and what is final (mails, sentences) scrolling above it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress()
        self._start = time.monotonic()
        self._live = Live(console=console, refresh_per_second=8, get_renderable=self._picture, transient=False)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def look(self, progress: Progress) -> None:
        self._progress = progress

    def mail(self, mail: Mail) -> None:
        self._console.print(
            Panel(
                Text(_lines(mail.body)),
                title=Text(printable(f"✉ {mail.subject}")),
                title_align="left",
                border_style="cyan",
            )
        )

    def say(self, line: str) -> None:
        self._console.print(Text(printable(line)))

    def _picture(self) -> RenderableType:
        progress = self._progress
        headline = _headline(progress, time.monotonic() - self._start)
        parts: list[RenderableType] = [headline, _works(progress.works, datetime.now(UTC))]
        if progress.search is not None:
            parts.append(_search(progress.search))
        if progress.figures:
            parts.append(_figures(progress.figures))
        return Group(*parts)


def printable(line: str) -> str:
    """A line that moves no terminal: names of files may hold escapes.

    >>> printable("a\\x1b[2Jb")
    'a?[2Jb'
    """
    return "".join(character if character.isprintable() else "?" for character in line)


def _lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.rstrip().split("\n"))


def teller(console: Console) -> Teller:
    """The live picture on a terminal, plain lines elsewhere."""
    return LiveTeller(console) if console.is_terminal and not console.is_dumb_terminal else PlainTeller(console)


def _headline(progress: Progress, seconds: float) -> Text:
    if progress.run is None:
        return Text(f"waiting for the relay to take the file  {duration(seconds)}", style="dim")
    style = "bold green" if progress.stage == "live" else "bold red" if progress.over else "bold"
    return Text.assemble(
        (f"{progress.run}", "bold"), "  ", (progress.stage or "", style), (f"  {duration(seconds)}", "dim")
    )


def _works(works: tuple[Work, ...], now: datetime) -> Table:
    table = Table.grid(padding=(0, 2))
    for work in works:
        so_far = lasted(work) or duration(max(0.0, (now - work.started).total_seconds()))
        table.add_row(_mark(work), TITLES[work.step], so_far, Text(printable(work.failure or work.name), style="dim"))
    return table


def _mark(work: Work) -> RenderableType:
    if work.ended_badly:
        return Text("✗", style="red")
    return Text("✓", style="green") if work.ended_well else SPINNER


def _search(search: Search) -> RenderableType:
    bars = Bars(TextColumn("   trials"), BarColumn(bar_width=30), MofNCompleteColumn())
    bars.add_task("", total=search.most, completed=len(search.finished))
    best = search.best
    if best is None or best.objective is None:
        return bars
    # On a line of its own, because in a narrow terminal rich would leave out the bar instead of these words.
    words = f"   best {search.metric} {number(best.objective)}  {trial_words(best)}"
    return Group(bars, Text(words, no_wrap=True, overflow="ellipsis"))


def _figures(figures: tuple[Figure, ...]) -> Table:
    caption = "on rows the model never saw, through its endpoint"
    table = Table(box=SIMPLE_HEAD, title=caption, title_style="dim", title_justify="left")
    table.add_column("metric")
    table.add_column("value (95 % interval)", justify="right")
    beside = [
        ("naive guess", [figure.naive for figure in figures]),
        ("live model", [figure.live for figure in figures]),
    ]
    beside = [(heading, values) for heading, values in beside if any(value is not None for value in values)]
    for heading, _ in beside:
        table.add_column(heading, justify="right")
    for row, figure in enumerate(figures):
        others = (values[row] for _, values in beside)
        table.add_row(
            figure.name, figure_text(figure), *("–" if value is None else figure.number(value) for value in others)
        )
    return table


def link(path: Path) -> Text:
    """A path one can click where the terminal knows how, and copy where it does not."""
    return Text(str(path), style=f"link {path.as_uri()}")
