"""What Lambda knows of the metrics is what the jobs' catalogue says: the same facts, and the same rounding."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.contract import metrics
from jobs.documents.metrics import Telling
from jobs.metrics import catalogue
from jobs.metrics.catalogue import CATALOGUE, TASKS
from jobs.metrics.contract import module
from tests.repository.modules import ROOT

FORMS = (catalogue.RATIO, catalogue.AMOUNT)


def test_the_generated_module_is_what_the_catalogue_makes() -> None:
    written = (ROOT / "chalicelib/contract/catalogue.py").read_text(encoding="utf-8")
    assert written == module(CATALOGUE.entries), "run `make contract`"


def test_another_entry_makes_another_module() -> None:
    more = catalogue.Entry("kappa", "Kappa", ("binary",))
    assert module([*CATALOGUE.entries, more]) != module(CATALOGUE.entries)


@pytest.mark.parametrize("task", TASKS)
def test_both_sides_know_the_same(task: str) -> None:
    known = metrics.METRICS[metrics.Task(task)]
    assert known.names == CATALOGUE.published(task)
    assert known.headlines == CATALOGUE.headlines(task)
    assert metrics.DEFAULT_GATE[metrics.Task(task)] == CATALOGUE.deciding({}, task)
    for name in known.names:
        ours, theirs = CATALOGUE[name], known[name]
        assert (ours.title, ours.smaller_is_better, ours.format) == (
            theirs.title,
            theirs.smaller_is_better,
            theirs.format,
        )


@pytest.mark.parametrize("task", TASKS)
def test_what_a_document_tells_is_read_alike(task: str) -> None:
    document: Telling = {"catalogue": CATALOGUE.told(task)}
    told, read = metrics.told(document, task), catalogue.read(document, task)
    assert told.headlines == read.headlines(task) == CATALOGUE.headlines(task)
    assert [told[name].title for name in told.names] == [read[name].title for name in CATALOGUE.published(task)]
    assert read.told(task) == document["catalogue"]


@given(value=st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)), form=st.sampled_from(FORMS))
def test_both_sides_round_alike(value: float | None, form: str) -> None:
    assert metrics.number(value, form) == catalogue.number(value, form)
    assert metrics.signed(value, form) == catalogue.signed(value, form)


@given(
    st.one_of(st.text(), st.integers().map(str), st.floats().map(str))
    | st.sampled_from(["-", "1e400", "0.10000", "\u00b2", " 1 "])
)
def test_both_sides_write_hyperparameters_alike(value: str) -> None:
    assert metrics.hyperparameter(value) == catalogue.hyperparameter(value)


@pytest.mark.parametrize("told", [None, [], {}, "auc", [1], [{"name": "auc"}], [{"name": "auc", "title": "a\nb"}]])
def test_a_document_that_tells_nothing_is_written_of_by_what_is_known(told: object) -> None:
    assert metrics.told({"catalogue": told}, "binary")["auc"].title == "ROC AUC"


def test_titles_fit_into_a_subject() -> None:
    for entry in CATALOGUE.entries:
        assert entry.title.isascii(), entry
        assert len(entry.title) <= metrics.TITLE_LIMIT


def test_the_page_of_formats_names_every_metric() -> None:
    page = (ROOT / "docs/formats.md").read_text(encoding="utf-8")
    named, smaller = page.partition("Metric names, ")[2].partition("\n\n")[0].split("Smaller is better for ")
    by_task = dict(zip(TASKS, named.split("; "), strict=True))
    for task, text in by_task.items():
        assert sorted(_words(text)) == sorted(CATALOGUE.published(task))
    assert sorted(_words(smaller)) == sorted(
        entry.name for entry in CATALOGUE.entries if entry.published and entry.smaller_is_better
    )


def _words(text: str) -> list[str]:
    return [word for quoted in re.findall(r"`([^`]+)`", text) for word in quoted.split()]
