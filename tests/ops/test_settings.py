"""`validate` and `schema`: relay.yaml before it is uploaded."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from chalicelib.settings.relay_yaml import SettingsError, read_settings
from ops.cli.commands import app
from ops.endings import CANNOT, FAILED
from ops.settings_schema import schema

ROOT = Path(__file__).parents[2]
EXAMPLES = [
    example
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
    for example in re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    if "Resources:" not in example
]
WRONG = (
    "tunning: {trials: 3}",
    "tuning: {trials: 0}",
    "tuning: {strategy: Bayes}",
    "columns: {age: numerc}",
    "endpoint: {instance: m5.large}",
    "algorithm: xgbost",
    "gate: 3",
)


def as_editors_read(text: str) -> Any:
    """YAML 1.2 has no dates: 2027-12-31 is a word."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


@pytest.fixture(scope="module")
def editor() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(schema())
    return jsonschema.Draft202012Validator(schema())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.strip()[:30])
def test_an_editor_has_nothing_against_what_the_documents_show(
    example: str, editor: jsonschema.Draft202012Validator
) -> None:
    assert EXAMPLES
    assert [error.message for error in editor.iter_errors(as_editors_read(example))] == []


@pytest.mark.parametrize("text", WRONG)
def test_what_the_relay_refuses_an_editor_marks(text: str, editor: jsonschema.Draft202012Validator) -> None:
    with pytest.raises(SettingsError):
        read_settings(text)
    assert not editor.is_valid(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tuning: {strategy: bayesian}", "Bayesian"),
        ("tuning: {objective: acuracy}", "accuracy"),
        ("gate: {metric: rmsee}", "rmse"),
        ("columns: {age: numerc}", "numeric"),
        ("retraining: {policy: on_drit}", "on_drift"),
        ("monitoring: {sginificance: 0.1}", "significance"),
    ],
)
def test_a_word_that_is_nearly_right_is_asked_about(text: str, meant: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(text)
    assert f'did you mean "{meant}"?' in str(refused.value)


def test_validate_names_every_mistake_and_ends_with_1(tmp_path: Path) -> None:
    file = tmp_path / "relay.yaml"
    file.write_text("target: churned\ntunning: {trials: 3}\ngate: {minimum: high}\n")
    done = CliRunner().invoke(app, ["validate", str(file), "--json"])
    assert done.exit_code == FAILED
    first, second = json.loads(done.output)["problems"]
    assert first.startswith("gate.minimum: 'high' is not allowed")
    assert second == 'tunning: there is no such setting; did you mean "tuning"?'


def test_validate_ends_with_0_where_it_can_be_used_and_with_2_where_there_is_none(tmp_path: Path) -> None:
    file = tmp_path / "relay.yaml"
    missing = CliRunner().invoke(app, ["validate", str(file)])
    assert (missing.exit_code, missing.output.strip()) == (CANNOT, f"{file} cannot be read: No such file or directory.")
    file.write_text("target: churned\n")
    right = CliRunner().invoke(app, ["validate", str(file)])
    assert (right.exit_code, right.output.strip()) == (0, f"{file} can be used.")


def test_schema_prints_the_schema() -> None:
    assert json.loads(CliRunner().invoke(app, ["schema"]).output) == schema()


def test_validate_tells_of_a_day_that_has_come(tmp_path: Path) -> None:
    file = tmp_path / "relay.yaml"
    file.write_text("endpoint: {expires: 2020-01-31}\n")
    done = CliRunner().invoke(app, ["validate", str(file), "--json"])
    assert done.exit_code == FAILED
    (problem,) = json.loads(done.stdout)["problems"]
    assert problem.startswith("endpoint.expires: 2020-01-31 has come")
    file.write_text("endpoint: {expires: 2999-01-31}\n")
    assert CliRunner().invoke(app, ["validate", str(file)]).exit_code == 0
