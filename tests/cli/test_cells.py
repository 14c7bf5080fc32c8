"""The cells that mails speak of, shown to whoever has the file at hand (see tests/prepare/cases.py for the files)."""

import gzip
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pandas as pd
import pytest
import yaml

from chalicelib.names import DatasetKeys
from jobs.encoding.mask import mask
from jobs.prepare.pipeline import decide
from jobs.refusals import Refusal
from jobs.settings import Settings
from local.cli.cells import HEADING, LONGEST, cells_meant
from local.cli.upload import Upload
from tests.prepare.cases import Case
from tests.prepare.cases_refused import REFUSED
from tests.prepare.cases_warned import WARNED

_PLACED = re.compile(r'row [\d,]+.*\b(?:cell|word) like "|\b(?:cell|word) like ".*row [\d,]+')


def rows(odd: Mapping[int, str], *, delimiter: str = ",", count: int = 80) -> str:
    """A table with amounts in v, in which some rows (as a person counts) hold something else."""
    lines = [delimiter.join(("k", "v", "y"))]
    lines += [
        delimiter.join((("red", "blue")[number % 2], odd.get(number, f"{number}.25"), "no" if number % 3 else "yes"))
        for number in range(2, count + 2)
    ]
    return "\n".join(lines) + "\n"


def handed_over(folder: Path, files: Mapping[str, bytes | str], settings: Settings | None = None) -> Upload:
    paths = []
    for name, content in files.items():
        paths.append(folder / name)
        paths[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
    return Upload("sales", tuple(paths), None if settings is None else yaml.safe_dump(settings))


def sentences(upload: Upload, settings: Settings) -> list[str]:
    """What the job says of the files: its refusal or its warnings."""
    try:
        return [warned.sentence for warned in decide(settings, upload.objects()).notes.warnings]
    except Refusal as refusal:
        return [str(refusal)]


def shown(upload: Upload, settings: Settings | None = None) -> list[str]:
    lines = cells_meant("\n".join(sentences(upload, settings or {"target": "y"})), upload)
    assert not lines or lines[0] == HEADING
    return [line.strip() for line in lines[1:]]


ODD = rows({64: "n.d. see remark"})
AS_PARQUET = pd.read_csv(io.StringIO(ODD)).to_parquet(index=False)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ODD),
        ("a.csv", "\ufeff" + ODD.replace("\n", "\r\n")),
        ("a.csv", rows({64: "n.d. see remark"}, delimiter=";").encode("utf-16")),
        ("a b (1).tsv", rows({64: '"n.d. see remark"'}, delimiter="\t")),
        ("a.csv.gz", gzip.compress(ODD.encode())),
        ("a.parquet", AS_PARQUET),
    ],
    ids=["csv", "windows", "utf-16 and semicolons", "tabs and quotes", "gzip", "parquet"],
)
def test_the_cell_is_shown_whatever_the_file_is(tmp_path: Path, name: str, content: bytes | str) -> None:
    row = 63 if name == "a.parquet" else 64
    assert shown(handed_over(tmp_path, {name: content})) == [f'row {row}, column "v": "n.d. see remark"']


def test_blank_lines_and_comments_do_not_shift_the_row(tmp_path: Path) -> None:
    lines = ODD.splitlines()
    lines[10:10] = ["", "# a note", ""]
    assert shown(handed_over(tmp_path, {"a.csv": "\n".join(lines)})) == ['row 67, column "v": "n.d. see remark"']


def test_of_several_files_the_one_that_is_named(tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        "a.csv": rows({}),
        "a.csv.gz": gzip.compress(rows({9: "Zoe"}).encode()),
        "b.csv": rows({9: "Ann"}),
    }
    lines = shown(handed_over(tmp_path, files))
    assert lines == ['a.csv.gz, row 9, column "v": "Zoe"', 'b.csv, row 9, column "v": "Ann"']


def test_a_refused_target_shows_its_cell(tmp_path: Path) -> None:
    upload = handed_over(tmp_path, {"a.csv": ODD}, {"target": "v", "task": "regression"})
    assert shown(upload, {"target": "v", "task": "regression"}) == ['row 64, column "v": "n.d. see remark"']


def test_settings_that_say_how_the_file_is_written_hold_here_too(tmp_path: Path) -> None:
    settings: Settings = {"target": "y", "file": {"delimiter": "|", "encoding": "cp1250"}}
    upload = handed_over(tmp_path, {"a.csv": rows({12: "neučený"}, delimiter="|").encode("cp1250")}, settings)
    assert shown(upload, settings) == ['row 12, column "v": "neučený"']


def test_a_cell_is_cut_and_moves_no_terminal(tmp_path: Path) -> None:
    (line,) = shown(handed_over(tmp_path, {"a.csv": rows({5: '"\x1b[2Jred\nand ' + "long " * 40 + '"'})}))
    assert line.isprintable()
    assert r"\x1b[2Jred\nand long" in line
    assert line.endswith('…"')
    assert len(line) < LONGEST + 40


@pytest.mark.parametrize("now", [rows({}), rows({64: "other"}), ODD[:300], "", b"PK\x03\x04"])
def test_a_file_that_is_another_by_now_shows_nothing(tmp_path: Path, now: str | bytes) -> None:
    upload = handed_over(tmp_path, {"a.csv": ODD})
    said = "\n".join(sentences(upload, {"target": "y"}))
    assert cells_meant(said, upload)
    upload.files[0].write_bytes(now if isinstance(now, bytes) else now.encode())
    assert cells_meant(said, upload) == []
    upload.files[0].unlink()
    assert cells_meant(said, upload) == []


def test_a_file_that_is_not_at_hand_shows_nothing(tmp_path: Path) -> None:
    said = "\n".join(sentences(handed_over(tmp_path, {"a.csv": ODD}), {"target": "y"}))
    assert cells_meant(said, handed_over(tmp_path, {"b.csv": ODD})) == []
    assert cells_meant(said.replace("a.csv", "older/a.csv"), handed_over(tmp_path, {"a.csv": ODD})) == []
    assert cells_meant("The model is live.", handed_over(tmp_path, {"b.csv": ODD})) == []


def test_settings_with_a_mistake_are_no_error(tmp_path: Path) -> None:
    upload = handed_over(tmp_path, {"a.csv": ODD})
    said = "\n".join(sentences(upload, {"target": "y"}))
    for settings in ("target: [", "- a", "file: 3", "file: {encoding: 7}"):
        assert len(cells_meant(said, Upload("sales", upload.files, settings))) in {0, 2}  # a heading and the cell


@pytest.mark.parametrize("case", [*REFUSED, *WARNED], ids=lambda case: f"{case.code} {case.label}".strip())
def test_every_sentence_that_places_a_cell_finds_it(tmp_path: Path, case: Case) -> None:
    train = DatasetKeys("churn").train
    if any(not name.startswith(train) for name in case.files):
        pytest.skip("not a file of train/")
    files = {name.removeprefix(train): content for name, content in case.files.items()}
    given = cast("Settings", case.given)
    upload = handed_over(tmp_path, files, given)
    for said in sentences(upload, given):
        if _PLACED.search(said) and "olumn" in said:
            lines = cells_meant(said, upload)[1:]
            assert lines, said
            assert all(mask(line.split('": "', 1)[1][:-1])[:20] in said for line in lines)
