"""What a person can get wrong on the command line, and what goes up when nothing is wrong."""

from pathlib import Path

import pytest
import yaml

from local.cli.upload import HandoverError, checked_file, checked_name, dataset_name, merged_settings, upload


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "Sales 2026.csv"
    path.write_text("a,b\n1,2\n")
    return path


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("churn.csv", "churn"),
        ("Sales Q1 (final).CSV.GZ", "sales-q1-final"),
        ("données.parquet", "donn-es"),
        ("a" * 50 + ".csv", "a" * 30),
        ("x" * 29 + "-y.csv", "x" * 29),
    ],
)
def test_a_dataset_is_named_after_its_file(file: str, name: str) -> None:
    assert dataset_name(Path(file)) == name
    assert checked_name(dataset_name(Path(file))) == name


def test_a_file_name_without_letters_needs_a_name() -> None:
    with pytest.raises(HandoverError, match=r"--name"):
        dataset_name(Path("数据.csv"))


@pytest.mark.parametrize("name", ["Churn", "a_b", "-a", "a" * 31, "", "../x", "a b"])
def test_a_name_no_dataset_may_have(name: str) -> None:
    with pytest.raises(HandoverError, match="cannot be a dataset's name"):
        checked_name(name)


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(HandoverError, match=f"no such file .looked in {tmp_path}"):
        checked_file(tmp_path / "nope.csv")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(HandoverError, match="is a folder"):
        checked_file(tmp_path)


def test_a_picture_is_no_data_file(tmp_path: Path) -> None:
    picture = tmp_path / "chart.png"
    picture.write_bytes(b"\x89PNG")
    with pytest.raises(HandoverError, match=r"should end in one of \.csv"):
        checked_file(picture)


def test_files_of_one_name_would_replace_each_other(csv: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / csv.name
    other.parent.mkdir()
    other.write_text("a,b\n3,4\n")
    with pytest.raises(HandoverError, match=r"two files are called Sales 2026\.csv"):
        upload([csv, other], name=None, settings=None, target=None, trials=None)


def test_everything_has_its_place(csv: Path) -> None:
    ready = upload([csv], name=None, settings=None, target="b", trials=None)
    assert ready.dataset == "sales-2026"
    assert ready.objects() == [("datasets/sales-2026/train/Sales 2026.csv", csv)]
    assert yaml.safe_load(ready.settings or "") == {"target": "b"}


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    given = tmp_path / "relay.yaml"
    given.write_text("target: a\ntuning:\n  trials: 50\n  parallel: 8\n")
    merged = yaml.safe_load(merged_settings(given, target="b", trials=3) or "")
    assert merged == {"target": "b", "tuning": {"trials": 3, "parallel": 3}}


def test_a_target_that_yaml_would_misread_stays_a_word() -> None:
    assert yaml.safe_load(merged_settings(None, target="yes", trials=None) or "") == {"target": "yes"}


def test_a_file_nobody_adds_to_goes_up_as_it_is(tmp_path: Path) -> None:
    given = tmp_path / "relay.yaml"
    given.write_text("# mine\ntarget: [unclosed\n")
    assert merged_settings(given, target=None, trials=None) == given.read_text()
    assert merged_settings(None, target=None, trials=None) is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("target: [unclosed\n", "not valid YAML"),
        ("- a\n- b\n", "it holds a list"),
        ("tuning: 3\n", '"tuning" is not a section'),
    ],
)
def test_settings_that_cannot_be_added_to(tmp_path: Path, text: str, complaint: str) -> None:
    given = tmp_path / "relay.yaml"
    given.write_text(text)
    with pytest.raises(HandoverError, match=complaint):
        merged_settings(given, target="b", trials=3)


def test_settings_in_another_encoding(tmp_path: Path) -> None:
    given = tmp_path / "relay.yaml"
    given.write_bytes("target: größe\n".encode("latin-1"))
    with pytest.raises(HandoverError, match="UTF-8"):
        merged_settings(given, target=None, trials=None)
