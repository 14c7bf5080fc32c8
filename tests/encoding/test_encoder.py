"""The encoder: one set of numbers, whichever way the rows come."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import TargetEncoder

from jobs.encoding import Encoder, UnreadableCellError
from tests.encoding.tables import labels, schema, table, texts


@pytest.fixture(scope="module")
def fitted() -> Encoder:
    frame = table()
    return Encoder.fit(frame, schema(), labels(frame))


def test_bulk_and_request_give_the_same_numbers(fitted: Encoder) -> None:
    frame = table(300, towns=90, seed=11)  # other rows, with towns the training part has never seen
    np.testing.assert_array_equal(
        fitted.encode_frame(frame), fitted.encode_rows(list(frame.columns), texts(frame)), strict=True
    )


cells = {
    "age": st.none() | st.floats(width=64) | st.integers(-(10**40), 10**40).map(float),
    "member": st.none() | st.sampled_from([0.0, 1.0]),
    "plan": st.none() | st.sampled_from(["basic", "plus", "new"]) | st.text(max_size=5).filter(lambda text: text != ""),
    "town": st.none() | st.sampled_from(["town 1", "town 2", "nowhere"]),
    "signup": st.none() | st.datetimes(pd.Timestamp("1700-01-01"), pd.Timestamp("2200-01-01")),
}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=5))
def test_any_row_gives_the_same_numbers_both_ways(fitted: Encoder, rows: list[dict[str, object]]) -> None:
    frame = pd.DataFrame(rows, columns=list(cells)).astype({"age": float, "member": float})
    frame["signup"] = pd.to_datetime(frame["signup"]).dt.floor("min").astype("datetime64[ns]")
    for name in ("plan", "town"):
        frame[name] = frame[name].astype("category")
    written = [
        [
            None if row["age"] is None else repr(row["age"]),
            {None: None, 1.0: "yes", 0.0: "no"}[row["member"]],  # type: ignore[index]
            row["plan"],
            row["town"],
            None if pd.isna(moment) else f"{moment:%d.%m.}{moment.year:04d}{moment: %H:%M}",
        ]
        for row, moment in zip(rows, frame["signup"], strict=True)
    ]
    bulk, single = fitted.encode_frame(frame), fitted.encode_rows(list(cells), written)  # type: ignore[arg-type]
    np.testing.assert_array_equal(bulk, single)
    assert not np.isinf(bulk).any()


def test_features_are_named_and_traced_to_their_columns(fitted: Encoder) -> None:
    assert fitted.features == [
        "age", "member", "plan=(missing)", "plan=basic", "plan=plus", "plan=pro", "town~yes",
        "signup.year", "signup.month", "signup.day", "signup.weekday", "signup.days", "signup.hour",
    ]  # fmt: skip
    assert fitted.feature_columns == ["age", "member", *["plan"] * 4, "town", *["signup"] * 6]


def test_json_brings_back_the_same_encoder(fitted: Encoder) -> None:
    again = Encoder.from_json(fitted.to_json())
    assert again == fitted
    rows = texts(table(20))
    np.testing.assert_array_equal(again.encode_rows(list(cells), rows), fitted.encode_rows(list(cells), rows))


def test_another_version_of_the_document_is_refused() -> None:
    with pytest.raises(ValueError, match="version 2"):
        Encoder.from_json('{"version": 2, "encodings": []}')


def test_the_training_part_does_not_see_its_own_labels() -> None:
    frame = table(2000, towns=1000)  # two rows a town: a mean over all rows would give the label away
    answers = np.random.default_rng(0).integers(0, 2, len(frame))
    encoder, matrix = Encoder.fit_encode(frame, schema(), answers)
    town = encoder.slices["town"]
    honest = abs(np.corrcoef(matrix[:, town].ravel(), answers)[0, 1])
    leaking = abs(np.corrcoef(encoder.encode_frame(frame)[:, town].ravel(), answers)[0, 1])
    assert honest < 0.15 < 0.4 < leaking


def test_rare_words_share_a_feature_with_unknown_ones() -> None:
    words = ["common"] * 500 + ["usual"] * 499 + ["rare"]
    frame = pd.DataFrame({"plan": pd.Series(words).astype("category")})
    encoder = Encoder.fit(frame, schema(columns=("plan",)), np.tile([0, 1], 500))
    assert encoder.features == ["plan=common", "plan=usual", "plan=(other)"]
    rows: list[list[str | None]] = [["rare"], ["never seen"], [" common "], [None]]
    assert encoder.encode_rows(["plan"], rows).tolist() == [[0, 0, 1], [0, 0, 1], [1, 0, 0], [0, 0, 1]]


def test_a_lone_feature_gets_company_because_the_container_guesses_delimiters() -> None:
    frame = pd.DataFrame({"age": [1.0, 2.0, np.nan, 4.0]})
    encoder, matrix = Encoder.fit_encode(frame, schema(columns=("age",)), np.array([0, 1, 0, 1]))
    assert encoder.features == ["age", "age=(padding)"]
    assert matrix[:, 1].tolist() == [0, 0, 0, 0]
    assert encoder.encode_rows(["age"], [["2"]]).tolist() == [[2, 0]]


def test_target_means_of_several_classes_and_of_a_number() -> None:
    frame = table(600)
    kinds = np.random.default_rng(1).integers(0, 3, len(frame))
    encoder, matrix = Encoder.fit_encode(frame, schema("multiclass", ["a", "b", "c"]), kinds)
    assert [name for name in encoder.features if "~" in name] == ["town~a", "town~b", "town~c"]
    towns = frame[["town"]].to_numpy(dtype=object)
    expected = TargetEncoder(target_type="multiclass", random_state=7).fit(towns, kinds).transform(towns)
    np.testing.assert_allclose(encoder.encode_frame(frame)[:, encoder.slices["town"]], expected, rtol=1e-6)
    assert not np.allclose(matrix[:, encoder.slices["town"]], expected, rtol=1e-3)
    prices = frame["age"].fillna(40).to_numpy() * 10
    encoder = Encoder.fit(frame, schema("regression"), prices)
    unknown = encoder.encode_rows(["town"], [["nowhere"]])[:, encoder.slices["town"]]
    assert unknown[0, 0] == pytest.approx(prices.mean(), rel=1e-6)


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(ValueError, match="no column is left"):
        Encoder.fit(table(20), schema(columns=()), np.tile([0, 1], 10))


@pytest.mark.parametrize("text", ["", None, "NA", " n/a ", "null", "-", "inf", "-Infinity", "1e999", "nan", "1e39"])
def test_no_value_is_missing_however_it_is_written(fitted: Encoder, text: str | None) -> None:
    assert np.isnan(fitted.encode_rows(["age"], [[text]])[0, 0])


@pytest.mark.parametrize(
    ("column", "text", "wanted"),
    [
        ("age", "abc", "a number"),
        ("age", "3,5", "a number"),
        ("member", "maybe", '"yes"'),
        ("signup", "31.02.2026 10:00", "a date"),
    ],
)
def test_an_unreadable_cell_names_its_row_and_column(fitted: Encoder, column: str, text: str, wanted: str) -> None:
    with pytest.raises(UnreadableCellError, match=f'row 2: column "{column}".*{wanted}') as raised:
        fitted.encode_rows([column], [[None], [text]])
    assert (raised.value.row, raised.value.column) == (2, column)


def test_a_row_of_another_length_is_refused(fitted: Encoder) -> None:
    with pytest.raises(ValueError, match="row 2: has 1 cells; 2 are expected"):
        fitted.encode_rows(["age", "plan"], [["1", "pro"], ["1"]])


def test_yes_and_no_are_also_understood_as_json_writes_them(fitted: Encoder) -> None:
    rows = [["true"], ["0"], ["Yes"], ["1.0"]]
    assert fitted.encode_rows(["member"], rows)[:, 1].tolist() == [1, 0, 1, 1]
