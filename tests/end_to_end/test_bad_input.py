"""What people get wrong, and what they get right in an unusual way, from the upload to the mail.

Everything is dropped at once, each in a dataset of its own. A refused file costs its owner a mail and nothing else.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from local.mailbox import Mail
from tests.end_to_end import tables
from tests.end_to_end.conftest import UNTUNED, User

pytestmark = pytest.mark.xdist_group("end_to_end")

TARGETED = UNTUNED + "target: churned\n"


def changed(place: int, change: Callable[[list[str]], list[str]]) -> str:
    """The good table with one row changed; rows are counted as people do, the header is row 1."""
    table = tables.rows()
    table[place - 2] = change(table[place - 2])
    return tables.text(table)


@dataclass(frozen=True)
class Bad:
    """A file that must be refused, and what its mail must say."""

    dataset: str
    content: bytes | str
    code: str
    says: tuple[str, ...]
    settings: str = TARGETED
    name: str = "jan.csv"

    @property
    def key(self) -> str:
        return f"datasets/{self.dataset}/train/{self.name}"

    @property
    def body(self) -> bytes:
        return self.content.encode() if isinstance(self.content, str) else self.content


def all_of(word: str) -> str:
    return tables.text([[*row[:3], word] for row in tables.rows()])


def few_of(rare: str, count: int) -> str:
    return tables.text([[*row[:3], rare if i < count else "no"] for i, row in enumerate(tables.rows())])


BAD = (
    Bad("empty", b"", "empty-file", ("is empty", "Export it again")),
    Bad(
        "untargeted",
        tables.text(header=("city", "age", "income", "gone")),
        "no-target",
        ('"churned"', '"gone"', "relay.yaml"),
    ),
    Bad("ragged", changed(8, lambda row: [*row, "x"]), "ragged-rows", ("row 8", "5 cells", "4")),
    Bad("workbook", tables.workbook(), "wrong-format", ("workbook", "Save the table as CSV")),
    Bad("rare", few_of("yes", 2), "class-too-small", ('"yes"', "2", "Add rows of it")),
    Bad(
        "twokinds",
        tables.text([[row[0], "old" if i % 3 else row[1], *row[2:]] for i, row in enumerate(tables.rows())]),
        "wrong-kind",
        ('"age"', "numeric", "row 3", '"aaa"'),
        settings=TARGETED + "columns: {age: numeric}\n",
    ),
)  # fmt: skip
FURTHER = (
    Bad("headeronly", "city,age,income,churned\n", "header-only", ("no row", "Export it with its rows")),
    Bad("constant", all_of("no"), "constant-target", ('"no"', '"churned"', "240")),
    Bad("junk", random.Random(7).randbytes(4000), "binary-file", ("Save the table as CSV",)),
    Bad(
        "twice",
        tables.text([[*row, row[1][::-1]] for row in tables.rows()], (*tables.HEADER, "age")),
        "duplicate-headers",
        ('"age"', "2", "5", "Rename one of them"),
    ),
    Bad(
        "cutoff",
        tables.packed(tables.text().encode())[:-300],
        "truncated-gzip",
        ("upload it again",),
        name="jan.csv.gz",
    ),
    Bad("unquoted", changed(30, lambda row: ['a "half', *row[1:]]).replace('""', '"'), "broken-quotes", ("row 30",)),
)  # fmt: skip
"""The refusals themselves are held by tests/prepare; that each of these, too, comes to its owner by `make verify`."""

WRONG_SETTINGS = "target: churned\ntunning: {trials: 3}\nsplit: {test: 0.9}\n"
MISPLACED = {
    "datasets/loose.csv": "datasets/<name>/train/<file>",
    "datasets/My Data/train/jan.csv": '"My Data" cannot be a dataset\'s name',
    "datasets/churn/jan.csv": "datasets/churn/train/",
}
COLUMN, YES = "<script>alert('age')</script>", '<b onclick="alert(1)">yes</b>'


@pytest.fixture(scope="module")
def dropped(user: User) -> User:
    """Somebody who has just uploaded everything of this file."""
    for settings, dataset in [(UNTUNED, "export"), (TARGETED, "packed"), (UNTUNED, "hostile")]:
        user.puts(f"datasets/{dataset}/relay.yaml", settings.encode())
    user.puts("datasets/export/train/jan.csv", tables.spreadsheet_export())
    user.puts("datasets/packed/train/jan.csv.gz", tables.packed(tables.text().encode("latin-1")))
    names = ("city", COLUMN, "income", "target")
    user.puts("datasets/hostile/train/jan.parquet", tables.parquet(names, {"yes": YES, "no": "no & never"}))
    for bad in BAD:
        user.puts(f"datasets/{bad.dataset}/relay.yaml", bad.settings.encode())
        user.puts(bad.key, bad.body)
    user.puts("datasets/settings/relay.yaml", WRONG_SETTINGS.encode())
    user.puts("datasets/settings/train/jan.csv", tables.text().encode())
    for key in MISPLACED:
        user.puts(key, tables.text().encode())
    return user


def costs_nothing(user: User, dataset: str, key: str, content: bytes) -> None:
    """Only the check has run; the file is as it was uploaded."""
    assert [name for name in user.jobs(dataset) if not re.search(r"-prepare-1$", name)] == []
    assert [name for name in user.endpoints() if f"-{dataset}" in name or name.startswith(dataset)] == []
    assert user.reads(key) == content
    versions = user.cloud.client("s3").list_object_versions(Bucket=user.cloud.bucket, Prefix=key)
    assert (len(versions["Versions"]), versions.get("DeleteMarkers")) == (1, None)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.code)
def test_a_bad_file_is_refused_by_a_mail_that_says_where_and_what_to_do(dropped: User, bad: Bad) -> None:
    refused(dropped, bad)


@pytest.mark.slow
def test_so_are_further_ones(user: User) -> None:
    for bad in FURTHER:
        user.puts(f"datasets/{bad.dataset}/relay.yaml", bad.settings.encode())
        user.puts(bad.key, bad.body)
    for bad in FURTHER:
        refused(user, bad)
        assert len(user.mails(bad.dataset)) == 1


def refused(user: User, bad: Bad) -> None:
    mail = user.waits_for_mail(bad.dataset)

    assert (mail.attributes["kind"], mail.attributes["severity"]) == ("failed", "error")
    assert mail.subject.startswith(f"{bad.dataset}: preparing failed: ")
    assert f"Why: [{bad.code}] " in mail.body
    assert bad.key in mail.body
    assert [part for part in bad.says if part not in mail.body] == []
    assert "your file was not changed, and no training was started" in mail.body
    costs_nothing(user, bad.dataset, bad.key, bad.body)


def test_wrong_settings_are_told_all_at_once_and_nothing_is_started(dropped: User) -> None:
    mail = dropped.waits_for_mail("settings")

    assert (mail.attributes["kind"], mail.attributes["severity"]) == ("refused", "error")
    assert mail.subject == "settings: relay.yaml cannot be used"
    assert mail.body.startswith("datasets/settings/relay.yaml cannot be used, so nothing was started.")
    assert '* tunning: there is no such setting; did you mean "tuning"?' in mail.body
    assert "* split.test: 0.9 is not allowed; allowed: 0.5 or less" in mail.body
    assert dropped.run_ids("settings") == []
    costs_nothing(dropped, "settings", "datasets/settings/train/jan.csv", tables.text().encode())


@pytest.mark.parametrize("key", MISPLACED)
def test_a_file_in_the_wrong_place_is_told_where_it_belongs(dropped: User, key: str) -> None:
    mail = dropped.cloud.mailbox.wait_for(lambda mail: mail.body.startswith(f"{key} cannot be used"), 60)

    assert (mail.attributes["kind"], mail.attributes["severity"]) == ("refused", "error")
    assert MISPLACED[key] in mail.body
    assert dropped.reads(key) == tables.text().encode()


def promoted(user: User, dataset: str) -> Mail:
    mail = user.waits_for_mail(dataset)
    assert mail.attributes["kind"] == "promoted", mail.body
    return mail


def test_utf_16_with_semicolons_and_decimal_commas_is_read_right(dropped: User) -> None:
    mail = promoted(dropped, "export")

    assert re.search(r'"income".*decimal point.*\[decimal-commas\]', mail.body)
    assert len(dropped.asks("export", "Köln,30,1500.5\nBonn,58,1700.25\n")) == 2


def test_a_packed_latin_1_file_is_read_right_and_its_encoding_told(dropped: User) -> None:
    mail = promoted(dropped, "packed")

    assert re.search(r"datasets/packed/train/jan\.csv\.gz.*\[encoding-guessed\]", mail.body)
    assert ["Köln", "30", "1500.5"][0] in dropped.reads(f"runs/{mail.attributes['run']}/prepared/schema.json").decode()


def test_names_from_parquet_are_shown_and_never_interpreted(dropped: User) -> None:
    mail = promoted(dropped, "hostile")
    report = dropped.reads(f"runs/{mail.attributes['run']}/evaluation/report.html").decode()

    assert COLUMN not in report
    assert 'onclick="alert' not in report
    assert "&lt;script&gt;alert(" in report
    (line,) = dropped.asks("hostile", "Bonn,60,1900\n")
    assert line.startswith('"' + YES.replace('"', '""') + '",')


def test_another_target_than_the_live_models_is_refused_and_the_live_model_serves_on(dropped: User) -> None:
    first = promoted(dropped, "export")
    key, renamed = "datasets/export/train/jan.csv", tables.text(header=("city", "age", "income", "left")).encode()
    before = dropped.asks("export", "Köln,30,1500.5\n")

    dropped.puts(key, renamed)
    mail = dropped.waits_for_mail("export", after=1)

    assert (mail.attributes["kind"], mail.attributes["severity"]) == ("failed", "error")
    assert f"Why: [schema-changed] {key}: " in mail.body
    assert '"left"' in mail.body
    assert '"churned"' in mail.body
    assert f"The live model of run {first.attributes['run']} goes on serving." in mail.body
    assert [name for name in dropped.jobs("export") if name.startswith(mail.attributes["run"])] == [
        f"{mail.attributes['run']}-prepare-1"
    ]
    assert dropped.asks("export", "Köln,30,1500.5\n") == before
    assert dropped.reads(key) == renamed


def test_nobody_was_written_to_twice(dropped: User) -> None:
    dropped.cloud.bus.wait_idle(120)
    for dataset in [*(bad.dataset for bad in BAD), "settings", "packed", "hostile"]:
        assert [mail.subject for mail in dropped.mails(dataset)][1:] == []
    assert len({mail.body for mail in dropped.cloud.mailbox.mails}) == len(dropped.cloud.mailbox.mails)
    assert dropped.cloud.bus.dead_letters == []
