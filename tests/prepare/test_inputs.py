"""Everything a person can get wrong in an export: one file for every code of the table, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.refusals import Refusal
from jobs.tables.codes import CODES, LABELS, SCORES, TESTS, Outcome, to_markdown
from tests.prepare import tables
from tests.prepare.cases import Case
from tests.prepare.cases_refused import REFUSED
from tests.prepare.cases_warned import WARNED
from tests.security.canaries import quoted


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case.code} {case.label}".strip())
def test_is_refused_with_a_sentence_that_names_the_place(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Refusal) as refused:
        tables.judged(tmp_path, case.files, **case.given)
    assert refused.value.code == case.code, refused.value
    for part in case.says:
        assert part in refused.value.sentence
    assert refused.value.sentence.endswith(CODES[case.code].do)
    assert len(str(refused.value)) < 1000
    assert not quoted(case.files, str(case.given["target"]), str(refused.value) + capsys.readouterr().out)


@pytest.mark.parametrize("case", WARNED, ids=lambda case: f"{case.code} {case.label}".strip())
def test_is_read_with_a_warning(case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judged = tables.judged(tmp_path, case.files, **case.given)
    found = [warned for warned in judged.notes.warnings if warned.code == case.code]
    assert found, judged.notes.warnings
    for part in case.says:
        assert any(part in warned.sentence for warned in found), found
    assert len(judged.split.train) >= 30
    told = "\n".join(warned.sentence for warned in judged.notes.warnings) + capsys.readouterr().out
    assert not quoted(case.files, judged.target.name, told)


def test_every_code_has_a_case() -> None:
    elsewhere = {"input-changed", "decompression-bomb", "file-too-large", "schema-changed", "traffic-left-out"}
    elsewhere |= {row.code for row in (*TESTS, *SCORES, *LABELS)}  # tests/ground_truth, tests/score
    live = {code for code in CODES if code.startswith("live-")}
    right = {code for code, row in CODES.items() if row.outcome is Outcome.RIGHT}
    assert {case.code for case in REFUSED} == {
        code for code, row in CODES.items() if row.outcome is Outcome.REFUSED
    } - elsewhere
    assert {case.code for case in WARNED} == set(CODES) - right - elsewhere - live - {case.code for case in REFUSED}


def test_the_page_is_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "input.md"
    assert page.read_text(encoding="utf-8") == to_markdown()
