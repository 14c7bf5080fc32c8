"""`up` shows what happens; whatever goes wrong in showing it is said once, and the rest is shown all the same."""

from chalicelib.monitoring.record import Monitor
from local.cli.progress import Progress
from local.cli.running_cloud import Happening
from local.mailbox import Mailbox, Publication


class Sight:
    """What there is to see of datasets, by name; an exception is raised instead."""

    def __init__(self, **datasets: Progress | Exception) -> None:
        self.sights = datasets
        self.bucket: Exception | None = None

    def datasets(self) -> list[str]:
        if self.bucket is not None:
            raise self.bucket
        return list(self.sights)

    def look(self, dataset: str) -> Progress:
        found = self.sights[dataset]
        if isinstance(found, Exception):
            raise found
        return found

    def monitor(self, dataset: str) -> Monitor:
        return Monitor(dataset)


class Shown(list[str]):
    """The lines without their times; refuses those that hold a word."""

    def __init__(self, refused: str = "never") -> None:
        super().__init__()
        self.refused = refused

    def say(self, line: str) -> None:
        if self.refused in line:
            raise UnicodeEncodeError("ascii", line, 0, 1, "this terminal cannot")
        self.append(line.partition("  ")[2])


def begun(run: str) -> Progress:
    return Progress(run=run, stage="preparing")


def test_a_dataset_that_cannot_be_shown_hides_no_other_and_is_told_once() -> None:
    sight, shown = Sight(a=Progress(), b=Progress()), Shown()
    happening = Happening(sight, Mailbox(), shown.say)
    sight.sights |= {"a": ValueError("no such stage: x"), "b": begun("b-1")}
    for _ in range(3):
        happening.look()
    assert shown == [
        "a: cannot be shown now (ValueError: no such stage: x); the cloud runs on",
        "b  run b-1",
    ]
    sight.sights["a"] = begun("a-1")
    happening.look()
    assert shown[2:] == ["a  run a-1"]
    sight.sights["a"] = ValueError("no such stage: x")
    happening.look()
    assert shown[3:] == shown[:1]


def test_what_cannot_even_be_listed_is_told_and_looked_at_again() -> None:
    sight, shown = Sight(a=begun("a-1")), Shown()
    sight.bucket = OSError("no bucket")
    happening = Happening(sight, Mailbox(), shown.say)
    happening.look()
    assert shown == ["the datasets: cannot be shown now (OSError: no bucket); the cloud runs on"]
    sight.bucket = None
    happening.look()
    assert shown[1:] == ["a  run a-1"]


def test_what_the_terminal_refuses_is_not_tried_again() -> None:
    sight, shown, mailbox = Sight(a=Progress()), Shown(refused="grün"), Mailbox()
    happening = Happening(sight, mailbox, shown.say)
    for subject in ("grün", "red"):
        asked = Publication("t", "body", subject, None, {})
        mailbox.receive(asked, message_id=subject, recipients=("me",))
    sight.sights["a"] = begun("a-grün")
    for _ in range(3):
        happening.look()
    assert [line for line in shown if "mail: red" in line] == ["mail: red"]
    assert sum("the mails: cannot be shown now" in line for line in shown) <= 1


def test_a_terminal_that_is_gone_ends_nothing() -> None:
    sight, shown = Sight(a=Progress()), Shown(refused="")
    happening = Happening(sight, Mailbox(), shown.say)
    sight.sights["a"] = begun("a-1")
    happening.look()
    happening.look()
    assert shown == []
