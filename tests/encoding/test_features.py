"""What is fitted without the target: the same numbers both ways, what scikit-learn would give, and what is left out."""

import json
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from jobs.encoding import Encoder
from jobs.encoding.features import CODES_AT_MOST, DATES_PAIRED, fit_features
from jobs.encoding.fitting import fit_target_means
from jobs.encoding.grams import NGrams, pieces
from jobs.encoding.kinds import AnyEncoding
from jobs.encoding.target_means import target_means
from tests.encoding.tables import labels, schema, table

PATTERN = "%d.%m.%Y %H:%M:%S"
TITLES = [
    f"{rank} {work}{number}"
    for rank in ("Senior", "junior", "Chief  of")
    for work in ("engineer", "Ärztin", "clerk", "bus driver")
    for number in ("", " II", " 3")
]


def described(*columns: tuple[str, str], **more: Any) -> Any:
    """A schema of columns by name and kind."""
    own = {"date": {"date_format": PATTERN, "has_time": True}}
    used = [{"name": name, "kind": kind, "used": True, **own.get(kind, {}), **more} for name, kind in columns]
    return {**schema(columns=()), "columns": used}


def jobs_table(rows: int = 600, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    places = np.minimum(rng.geometric(0.1, rows) - 1, len(TITLES) - 1)
    titles = pd.Series([TITLES[place] for place in places]).mask(rng.random(rows) < 0.05)
    moments = {
        name: pd.Series(pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 10**8, rows), "s")).mask(
            rng.random(rows) < 0.1
        )
        for name in ("begun", "ended")
    }
    return pd.DataFrame({"title": titles.astype("category"), **moments})


JOBS = described(("title", "categorical"), ("begun", "date"), ("ended", "date"))


@pytest.fixture(scope="module")
def fitted() -> Encoder:
    return Encoder(fit_features(jobs_table(), JOBS))


def kinds(encodings: tuple[AnyEncoding, ...], column: str) -> list[str]:
    return [encoding.kind for encoding in encodings if encoding.column == column]


def only(encoder: Encoder, kind: str) -> Any:
    (found,) = [encoding for encoding in encoder.encodings if encoding.kind == kind]
    return found


def test_every_column_becomes_what_its_kind_says(fitted: Encoder) -> None:
    frame = table()
    by_column = {name: kinds(fit_features(frame, schema()), name) for name in map(str, frame)}
    assert by_column == {
        "age": ["numeric"], "member": ["boolean"], "plan": ["one-hot"], "town": ["frequency", "codes", "n-grams"],
        "signup": ["date", "clock"],
    }  # fmt: skip
    assert fitted.features[:2] == ["title#", "title@"]
    assert fitted.features[2] == "title%0"
    assert fitted.features[-7:] == [
        "ended.year", "ended.month", "ended.day", "ended.weekday", "ended.days", "ended.time", "begun.until.ended",
    ]  # fmt: skip
    assert fitted.feature_columns[-1] == "begun"
    with pytest.raises(ValueError, match="no column is left"):
        fit_features(frame, schema(columns=()))


moments = st.none() | st.datetimes(pd.Timestamp("1700-01-01"), pd.Timestamp("2200-01-01"))
words = st.none() | st.sampled_from([*TITLES, "nobody"]) | st.text(max_size=12).filter(lambda text: text != "")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(words, moments, moments), min_size=1, max_size=6))
def test_any_row_gives_the_same_numbers_both_ways(fitted: Encoder, rows: list[tuple[Any, Any, Any]]) -> None:
    frame = pd.DataFrame(rows, columns=["title", "begun", "ended"])
    frame["title"] = frame["title"].astype("category")
    for name in ("begun", "ended"):
        frame[name] = pd.to_datetime(frame[name]).dt.floor("s").astype("datetime64[ns]")

    def written(moment: Any) -> str | None:
        return None if pd.isna(moment) else f"{moment:%d.%m.}{moment.year:04d}{moment: %H:%M:%S}"

    texts = [
        [word, written(begun), written(ended)]
        for (word, *_), begun, ended in zip(rows, frame["begun"], frame["ended"], strict=True)
    ]
    again = Encoder.from_json(fitted.to_json())
    assert again == fitted
    bulk = fitted.encode_frame(frame)
    np.testing.assert_array_equal(bulk, again.encode_rows(list(frame.columns), texts))
    for place, text in enumerate(texts):  # a row's numbers do not depend on its company
        np.testing.assert_array_equal(bulk[place : place + 1], again.encode_rows(list(frame.columns), [text]))


def test_words_are_counted_and_placed_by_how_often_they_occur() -> None:
    words = ["b"] * 5 + ["a"] * 3 + [None] * 2 + [f"w{place:02d}" for place in range(30)]
    frame = pd.DataFrame({"plan": pd.Series(words).astype("category")})
    encoder = Encoder(fit_features(frame, schema(columns=("plan",))))
    found = encoder.encode_rows(["plan"], [["b"], [" a "], [None], ["new"], ["w00"]])
    assert encoder.features == ["plan#", "plan@"]  # and no pieces: the words are short
    assert found[:, 0].tolist() == pytest.approx([math.log(6), math.log(4), math.log(3), 0, math.log(2)])
    assert found[:, 1].tolist() == pytest.approx([0, 1, np.nan, 32, 2], nan_ok=True)  # a new word is like the rarest


def test_very_many_words_have_no_place_and_codes_of_a_row_each_no_pieces() -> None:
    rng = np.random.default_rng(1)
    many = [f"street number {place}" for place in range(CODES_AT_MOST + 1)] * 2
    codes = [f"{number:08d}" for number in rng.integers(0, 10**8, len(many))]
    frame = pd.DataFrame({"street": many, "code": codes}).astype("category")
    encodings = fit_features(frame, described(("street", "categorical"), ("code", "categorical")))
    assert kinds(encodings, "street") == ["frequency", "n-grams"]
    assert kinds(encodings, "code") == ["frequency"]


def test_words_that_mean_missing_are_words_where_training_had_them() -> None:
    words = [f"{place} unknown things" for place in range(40)] * 3 + ["unknown"] * 9
    column = described(("thing", "categorical"))
    encoder = Encoder(fit_features(pd.DataFrame({"thing": pd.Series(words).astype("category")}), column))
    known, missing, nothing = encoder.encode_rows(["thing"], [["unknown"], ["n/a"], [None]])
    grams = encoder.features.index("thing%0")
    assert known[grams:].any()
    assert not missing[grams:].any()
    np.testing.assert_array_equal(missing, nothing)


# --- pieces of words


@given(st.text(max_size=30))
def test_pieces_are_those_of_scikit_learn(text: str) -> None:
    analyze = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)).build_analyzer()
    assert sorted(pieces(text)) == sorted(analyze(text))


def test_a_transformed_word_is_what_scikit_learn_makes_of_all_rows() -> None:
    rows = jobs_table(2000)["title"].dropna()
    encoding: NGrams = only(Encoder(fit_features(pd.DataFrame({"title": rows}), JOBS_TITLE)), "n-grams")
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=3, max_features=5000)
    weighed = vectorizer.fit_transform(rows.astype(str))
    reduced = TruncatedSVD(encoding.width, algorithm="arpack", random_state=0).fit(weighed)
    assert vectorizer.get_feature_names_out().tolist() == list(encoding.pieces)

    asked = [*TITLES, "Senior bus engineer", "ENGINEER engineer engineer", "zzz", ""]
    ours = np.empty((len(asked), encoding.width), dtype=np.float32)
    encoding.fill_texts(asked, ours)
    components = encoding._components
    np.testing.assert_allclose(ours, vectorizer.transform(asked) @ components, atol=1e-5)
    theirs = reduced.transform(vectorizer.transform(asked))
    signs = np.sign((theirs * ours).sum(axis=0))
    np.testing.assert_allclose(ours[:, :5] * signs[:5], theirs[:, :5], atol=1e-3)  # the directions that are told apart


JOBS_TITLE = described(("title", "categorical"))


def test_the_document_of_many_words_stays_small() -> None:
    rng = np.random.default_rng(5)
    letters = list("abcdefghijklmnopqrstuvwxyzäöü")
    words = ["".join(rng.choice(letters, 12)) for _ in range(6000)]
    frame = pd.DataFrame({"title": pd.Series(words * 3).astype("category")})
    encodings = fit_features(frame, JOBS_TITLE)
    (grams,) = (encoding for encoding in encodings if isinstance(encoding, NGrams))
    assert (len(grams.pieces), grams.width) == (5000, 30)
    document = json.loads(Encoder((grams,)).to_json())
    assert len(json.dumps(document)) < 1_000_000


def test_serving_imports_nothing_that_fits(fitted: Encoder) -> None:
    code = (
        "import sys; from jobs.encoding import Encoder; encoder = Encoder.from_json(sys.stdin.read());"
        "print(encoder.encode_rows(['title'], [['Senior clerk']]).shape);"
        "print([name for name in ('pandas', 'sklearn', 'scipy', 'xgboost') if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], input=fitted.to_json(), capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines() == [f"(1, {len(fitted.features)})", "[]"]


# --- dates


def test_time_of_day_has_its_minutes_and_pairs_their_days(fitted: Encoder) -> None:
    cells: list[list[str | None]] = [["01.01.2020 06:45:00", "02.01.2020 18:45:00"], ["01.01.2020 00:00:36", None]]
    found = dict(zip(fitted.features, fitted.encode_rows(["begun", "ended"], cells).T.tolist(), strict=True))
    assert found["begun.time"] == pytest.approx([6.75, 0.01])
    assert found["ended.time"] == pytest.approx([18.75, np.nan], nan_ok=True)
    assert found["begun.until.ended"] == pytest.approx([1.5, np.nan], nan_ok=True)


def test_few_dates_are_paired_and_times_of_day_are_not() -> None:
    names = [f"d{place}" for place in range(9)]
    frame = pd.DataFrame(dict.fromkeys(names, pd.date_range("2020-01-01", periods=4)))
    encodings = fit_features(frame, described(*((name, "date") for name in names)))
    pairs = [encoding for encoding in encodings if encoding.kind == "elapsed"]
    assert len(pairs) == DATES_PAIRED * (DATES_PAIRED - 1) / 2
    clocks = described(("a", "date"), ("b", "date"), date_format="%H:%M", has_time=False)
    found = fit_features(pd.DataFrame({"a": frame["d0"], "b": frame["d1"]}), clocks)
    assert [encoding.kind for encoding in found] == ["date", "date"]


# --- target means by fold


def test_target_means_of_a_fold_know_nothing_of_the_other_rows() -> None:
    frame, answers = table(1000), labels(table(1000))
    rows, others = np.arange(0, 1000, 2), np.arange(1, 1000, 2)
    means, values = fit_target_means(frame, schema(), answers, rows)
    assert list(means) == list(values) == ["town"]
    assert values["town"].shape == (500, 1)
    changed = answers.copy()
    changed[others] = 1 - changed[others]
    assert fit_target_means(frame, schema(), changed, rows)[0] == means
    out = np.empty((500, 1), dtype=np.float32)
    means["town"].fill_series(frame["town"].iloc[rows], out)
    assert not np.allclose(out, values["town"], atol=1e-3)  # cross-fitted


def test_a_fold_has_every_outcome_whatever_classes_its_rows_have() -> None:
    frame, task = table(600), schema("multiclass", ["a", "b", "c"])
    answers = np.tile([0, 1, 2], 200)
    everything = np.arange(600)
    means, values = fit_target_means(frame, task, answers, everything)
    assert (means["town"].outcomes, values["town"].shape) == (("a", "b", "c"), (600, 3))
    for left in ([0, 2], [1]):
        rows = np.flatnonzero(np.isin(answers, left))
        fewer, values = fit_target_means(frame, task, answers, rows)
        assert (fewer["town"].outcomes, values["town"].shape) == (("a", "b", "c"), (len(rows), 3))
        np.testing.assert_allclose(values["town"].sum(axis=1), 1, atol=1e-6)
        gone = [place for place in range(3) if place not in left]
        assert not values["town"][:, gone].any()
        assert not np.array(fewer["town"].table)[:, gone].any()
    one = fit_target_means(frame, schema(), np.ones(600, dtype=int), everything)[1]["town"]
    assert one.tolist() == [[1.0]] * 600


def test_a_word_that_occurs_once_does_not_tell_its_own_label() -> None:
    words = [f"town {place}" for place in range(100)] * 3 + [f"lone {place}" for place in range(300)]
    frame = pd.DataFrame({"town": pd.Series(words).astype("category")})
    answers = np.random.default_rng(2).integers(0, 2, len(words))
    means, _ = fit_target_means(frame, schema(columns=("town",)), answers, np.arange(len(words)))
    out = np.empty((3, 1), dtype=np.float32)
    means["town"].fill_texts(["lone 1", "lone 2", "never seen"], out)
    np.testing.assert_allclose(out, answers.mean(), atol=0.1)


def test_target_means_of_no_columns_are_none() -> None:
    assert target_means({}, schema(), np.array([0, 1])) == ({}, {})
    frame = pd.DataFrame({"age": [1.0, 2.0]})
    assert fit_target_means(frame, schema(columns=("age",)), np.array([0, 1]), np.arange(2)) == ({}, {})
