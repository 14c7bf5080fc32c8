"""What a change set says, in words."""

from __future__ import annotations

from typing import Any

from ops.deployment.changes import Change, Verb, conclusion, is_empty, read, warnings
from ops.deployment.commands import as_table


def change(action: str, name: str, kind: str, replacement: str | None = None, *properties: str) -> dict[str, Any]:
    details = [{"Target": {"Attribute": "Properties", "Name": one}} for one in properties]
    found = {"Action": action, "LogicalResourceId": name, "ResourceType": kind, "Details": details}
    return {"Type": "Resource", "ResourceChange": found | ({"Replacement": replacement} if replacement else {})}


SET = [
    change("Add", "Alarm", "AWS::CloudWatch::Alarm"),
    change("Modify", "Sweep", "AWS::Lambda::Function", "False", "Code", "Environment", "Code"),
    change("Modify", "Rule", "AWS::Events::Rule", "True", "Name"),
    change("Modify", "Topic", "AWS::SNS::Topic", "Conditional", "KmsMasterKeyId"),
    change("Modify", "Table", "AWS::DynamoDB::Table", "True", "KeySchema"),
    change("Remove", "Bucket", "AWS::S3::Bucket"),
    {"Type": "Hook"},
]


def test_the_worst_comes_first() -> None:
    found = read(SET)
    assert [(one.verb, one.name) for one in found] == [
        (Verb.REPLACE, "Table"),
        (Verb.REMOVE, "Bucket"),
        (Verb.REPLACE, "Rule"),
        (Verb.MAY_REPLACE, "Topic"),
        (Verb.CHANGE, "Sweep"),
        (Verb.ADD, "Alarm"),
    ]
    assert found[4].what == ("Code", "Environment")
    assert conclusion(found) == "6 resources: 2 REPLACE, 1 may replace, 1 remove, 1 change, 1 add."


def test_only_what_holds_data_is_shouted() -> None:
    table, bucket = warnings(read(SET))
    assert "Table (AWS::DynamoDB::Table) would be REPLACED by a new, empty one: what lies in it is lost" in table
    assert "Bucket (AWS::S3::Bucket) would be REMOVED: what lies in it is left behind" in bucket
    assert warnings(read([change("Modify", "Table", "AWS::DynamoDB::Table", "False", "Tags")])) == []
    [maybe] = warnings(read([change("Modify", "Table", "AWS::DynamoDB::Table", "Conditional", "TableName")]))
    assert "perhaps REPLACED" in maybe


def test_a_table_has_a_line_a_change() -> None:
    table = as_table(read(SET))
    assert table.row_count == 6
    assert str(next(iter(table.columns[0].cells))) == "REPLACE!"


def test_nothing_to_change_is_told_from_a_failure() -> None:
    said = "The submitted information didn't contain changes. Submit different information to create a change set."
    assert is_empty(said)
    assert is_empty("No updates are to be performed.")
    assert not is_empty("Template error: no such resource")
    assert conclusion([]) == "Nothing would change."
    assert conclusion([Change(Verb.ADD, "A", "t")]) == "1 resource: 1 add."
