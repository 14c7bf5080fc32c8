"""The command line: `demo`, `run` and `up`. Only arguments, and what ends a process; the work is elsewhere.

The embedded cloud is imported inside the commands, so that `--help` and a mistyped file name answer at once.
"""

import errno
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from chalicelib.records.run import Stage
from local.cli import relay_run, results, running_cloud
from local.cli.observer import Observer
from local.cli.screen import link, printable, teller
from local.cli.upload import HandoverError, Upload
from local.cli.upload import upload as checked_upload
from ops.plain_help import PlainCommand

if TYPE_CHECKING:
    from local.cloud import EmbeddedCloud

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
INTERRUPTED = 130
_FULL = {errno.ENOSPC, errno.EDQUOT}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="SageRelay on this machine: a data file in, a tuned, deployed and tested model and an email out. "
    "Everything runs here; no AWS account, nothing leaves the machine.",
)

Out = Annotated[Path, typer.Option(help="Folder for report, figures and mails; one folder a run is made in it.")]
Directory = Annotated[
    Path | None,
    typer.Option(
        help="Folder in which the embedded cloud keeps its state. Without it everything is forgotten at the end."
    ),
]


DEMO = Path(".sagerelay/demo")


@app.command(cls=PlainCommand)
def demo(
    *,
    directory: Annotated[
        Path, typer.Option(help="Folder in which the cloud of this demo is kept; made anew by each.")
    ] = DEMO,
    out: Out = Path("reports"),
) -> None:
    """Play the whole relay with real data: 12,000 people of a census, will they be employed?

    Takes about a minute. Ends with exit code 0 when the model is live; it stays in --directory, to be asked by `up`.
    """
    employment = EXAMPLES / "employment"
    with clear_errors():
        upload = checked_upload(
            [employment / "employment.csv"],
            name="employment",
            settings=employment / "relay.yaml",
            target=None,
            trials=None,
        )
        _as_new(directory)
        _play(upload, directory=directory, out=out)


@app.command(cls=PlainCommand)
def run(
    files: Annotated[list[Path], typer.Argument(help="CSV (also .gz) or Parquet files with the same columns.")],
    *,
    target: Annotated[str | None, typer.Option(help="The column to predict. Without it: see docs/input.md.")] = None,
    settings: Annotated[Path | None, typer.Option(help="A relay.yaml; --target and --trials win over it.")] = None,
    name: Annotated[
        str | None, typer.Option(help="The dataset's name. Without it: from the first file's name.")
    ] = None,
    trials: Annotated[int | None, typer.Option(min=1, max=750, help="How many trials the tuning makes.")] = None,
    directory: Directory = None,
    out: Out = Path("reports"),
) -> None:
    """Play the relay with your own data.

    For example: run churn.csv --target churned.

    A file that cannot be used is answered by an email that says what is wrong,
    where, and what to do; the exit code is then 1.
    """
    with clear_errors():
        upload = checked_upload(files, name=name, settings=settings, target=target, trials=trials)
        _play(upload, directory=directory, out=out)


@app.command(cls=PlainCommand)
def up(
    *,
    directory: Directory = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 0,
) -> None:
    """Keep the embedded cloud running, for the AWS command line, boto3 and the sagemaker SDK. Ctrl-C ends it."""
    console = Console()
    with clear_errors(), _cloud(directory, port) as cloud:
        for line in running_cloud.addresses(cloud.environment, endpoint_url=cloud.endpoint_url, bucket=cloud.bucket):
            console.print(Text(line), soft_wrap=True)
        try:
            running_cloud.tell(cloud, lambda line: console.print(Text(printable(line)), soft_wrap=True))
        except KeyboardInterrupt:
            console.print("\nStopping.")
    if directory is not None:
        text = f"The state is kept in {directory.resolve()}; start again with the same --directory."
        console.print(Text(text), soft_wrap=True)


def _play(upload: Upload, *, directory: Path | None, out: Path) -> None:
    _writable(out)
    console = Console()
    with _cloud(directory, 0) as cloud:
        _refuse_what_is_live(cloud, upload, directory)
        with teller(console) as telling:
            outcome = relay_run.play(cloud, upload, telling)
        saved = results.save(cloud.client("s3"), cloud.bucket, run=outcome.progress.run, mails=outcome.mails, out=out)
    console.print(
        Text(relay_run.conclusion(outcome), style="bold green" if outcome.live else "bold red"), soft_wrap=True
    )
    what = "Report: " if "report" in saved else "Mails: "
    console.print(Text.assemble(what, link(relay_run.report_of(saved))), soft_wrap=True)
    if outcome.live:
        for line in _what_next(upload.dataset, saved.get("rows"), directory):
            console.print(Text(line), soft_wrap=True)
    raise typer.Exit(0 if outcome.live else 1)


def _refuse_what_is_live(cloud: "EmbeddedCloud", upload: Upload, directory: Path | None) -> None:
    """The relay answers the same upload by nothing, and who waits for its mail would wait in vain."""
    stage = Observer(cloud.client, bucket=cloud.bucket, table=cloud.table).look(upload.dataset).stage
    if stage == Stage.LIVE and relay_run.is_there(cloud.client("s3"), cloud.bucket, upload):
        raise HandoverError(
            f'the model of "{upload.dataset}" in {directory} is live and was trained on these very files; to ask it: '
            f"up --directory {directory}. Changed files or settings train it again"
        )


def _what_next(dataset: str, rows: Path | None, directory: Path | None) -> list[str]:
    if directory is None:
        return ["Cloud and model are gone now. With --directory DIR they are kept, and `up --directory DIR` goes on."]
    near = rows.relative_to(Path.cwd()) if rows and rows.is_relative_to(Path.cwd()) else rows
    return running_cloud.what_next(dataset, near, directory)


def _as_new(directory: Path) -> None:
    from local.directory import DirectoryInUseError, emptied

    _writable(directory.parent)
    try:
        emptied(directory)
    except (DirectoryInUseError, FileExistsError) as error:
        raise HandoverError(str(error)) from error


@contextmanager
def _cloud(directory: Path | None, port: int) -> "Iterator[EmbeddedCloud]":
    if directory is not None:
        _writable(directory)
    from local.cloud import EmbeddedCloud  # moto and its services take a second to import
    from local.directory import DirectoryInUseError

    try:
        cloud = EmbeddedCloud(directory, port=port)
    except DirectoryInUseError as error:
        raise HandoverError(str(error)) from error
    except OSError as error:
        raise HandoverError(
            f"cannot listen on port {port}: {error.strerror}. Choose another one, or leave --port out for a free one"
        ) from error
    with cloud:
        yield cloud


def _writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".sagerelay-can-write"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise HandoverError(f"cannot write in {folder}: {error.strerror}. Name another folder") from error


@contextmanager
def clear_errors() -> Iterator[None]:
    """A mistake is said once and without a traceback; Ctrl-C and SIGTERM end the children and then this process."""
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    except HandoverError as error:
        Console(stderr=True).print(Text(str(error)), soft_wrap=True)
        raise typer.Exit(2) from error
    except OSError as error:
        if error.errno not in _FULL:
            raise
        where = f" ({error.filename})" if error.filename else ""
        text = f"the disk is full: {error.strerror}{where}. Free some space, or name other folders (--directory, --out)"
        Console(stderr=True).print(Text(text), soft_wrap=True)
        raise typer.Exit(2) from error
    except KeyboardInterrupt as error:
        Console(stderr=True).print("Stopped.")
        raise typer.Exit(INTERRUPTED) from error
    finally:
        signal.signal(signal.SIGTERM, previous)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
