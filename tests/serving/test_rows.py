"""Requests read as rows: what is accepted, and how a mistake is named."""

import pytest

from jobs.serving.rows import Refused, Table, read_table

COLUMNS = ["age", "plan", "note"]


def read(data: str | bytes, content_type: str = "text/csv") -> Table:
    return read_table(data, content_type, COLUMNS, "churned")


@pytest.mark.parametrize(
    "data",
    [
        "40,pro,x\n41,basic,",
        "40,pro,x\r\n41,basic,\r\n",
        b"\xef\xbb\xbf40,pro,x\n41,basic,\n\n",
        '"40","pro","x"\n41,"basic",""',
        "age,plan,note\n40,pro,x\n41,basic,",
    ],
)
def test_csv_with_and_without_header(data: str | bytes) -> None:
    assert read(data) == Table(COLUMNS, [["40", "pro", "x"], ["41", "basic", ""]])


def test_a_header_decides_the_order_and_may_hold_the_target() -> None:
    table = read("note,churned,age,plan\nx,yes,40,pro")
    assert table.columns == ["note", "churned", "age", "plan"]


def test_quoted_newlines_and_commas_stay_in_their_cell() -> None:
    assert read('40,"a, or\nb",x').rows == [["40", "a, or\nb", "x"]]


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        ('{"age": 40, "plan": "pro"}\n{"age": 41.5, "plan": true, "note": null}\n', "application/jsonlines"),
        ('[{"age": 40, "plan": "pro"}, {"age": 41.5, "plan": true}]', "application/json"),
        ('{"instances": [{"age": 40, "plan": "pro"}, [41.5, true, null]]}', "application/json; charset=utf-8"),
    ],
)
def test_json_in_its_three_forms(data: str, content_type: str) -> None:
    assert read(data, content_type).rows == [["40", "pro", None], ["41.5", "true", None]]


@pytest.mark.parametrize(
    ("data", "content_type", "status", "sentence"),
    [
        ("40,pro,x\n41,basic", "text/csv", 400, 'row 2: has 2 cells; 3 are expected: "age", "plan", "note"'),
        ("40,pro,x,yes", "text/csv", 400, 'leave out the answer, "churned"'),
        ("age,plan,nota\n40,pro,x", "text/csv", 400, 'the header names a column "nota" that the model does not know'),
        ("age,plan\n40,pro", "text/csv", 400, 'the header lacks "note"'),
        ("age,age,plan,note\n1,1,a,b", "text/csv", 400, "twice"),
        ("age,plan,note\n", "text/csv", 400, "the request holds no rows"),
        ("", "text/csv", 400, "the request holds no rows"),
        (b"\xff\xfe40", "text/csv", 400, "not UTF-8"),
        (b"40,pro,x\n41,ba\xe9sic,", "text/csv", 400, "line 2, cell 2: byte 14 of the body is not UTF-8"),
        ("[" * 2_000 + "]" * 2_000, "application/json", 400, "nested too deep"),
        ('{"age": ' * 2_000 + "1" + "}" * 2_000, "application/json", 400, "nested too deep"),
        ('{"age": 1}\n' + "[" * 2_000, "application/jsonlines", 400, "row 2: is not JSON"),
        ('{"age": ' + "9" * 5_000 + "}", "application/json", 400, "the body is not JSON"),
        ('{"agee": 1}', "application/json", 400, 'row 1: there is no column "agee"'),
        ('{"age": 1}\n{"age": [1]}', "application/jsonlines", 400, 'row 2: column "age" should hold'),
        ('{"age": 1}\n{', "application/jsonlines", 400, "row 2:"),
        ("{", "application/json", 400, "the body is not JSON"),
        ("3", "application/json", 400, "row 1: should be an object"),
        ("x", "application/x-parquet", 415, "not supported: send text/csv"),
    ],
)
def test_a_mistake_is_named_with_its_place(data: str | bytes, content_type: str, status: int, sentence: str) -> None:
    with pytest.raises(Refused) as raised:
        read(data, content_type)
    assert sentence in str(raised.value)
    assert raised.value.status == status


def test_a_lone_column_may_be_empty() -> None:
    assert read_table("1\n\n2", "text/csv", ["age"], "y").rows == [["1"], [""], ["2"]]
