"""What IAM and the services that have policies of their own take as one: "IAM and AWS STS quotas"
(reference_iam-quotas.html), "Grammar of the IAM JSON policy language", and what each service says where it is narrower.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

Json = Any
LONGEST_INLINE = 10_240
"""Characters of all of a role's inline policies together; white space is not counted."""
LONGEST_MANAGED = 6_144
LONGEST_TRUST = 2_048
_DESCRIPTION = re.compile("[\t\n\r\\x20-\\x7e\\xa1-\\xff]{0,1000}")  # CreateRole, Description
_SID = re.compile(r"[A-Za-z0-9]*")  # reference_policies_elements_sid
# Topics refuse sns:* and whatever is no action on a topic: "Policy statement action out of service scope".
_OF_A_TOPIC = {
    f"sns:{action}"
    for action in (
        *("GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic"),
        *("Subscribe", "ListSubscriptionsByTopic", "Publish", "Receive"),
    )
}
_MOST_OF_A_QUEUE = 7  # actions in a statement (sqs-quotas, "quotas related to policies")


def refusals(kind: str, given: dict[str, Json]) -> Iterator[str]:
    """What is wrong with the documents of one resource."""
    if kind == "AWS::IAM::Role":
        if not _DESCRIPTION.fullmatch(given.get("Description", "")):
            yield "Description has characters that IAM does not take, or too many"
        if size(given["AssumeRolePolicyDocument"]) > LONGEST_TRUST:
            yield f"the trust policy has more than {LONGEST_TRUST} characters"
        inline = [one["PolicyDocument"] for one in given.get("Policies", [])]
        if sum(map(size, inline)) > LONGEST_INLINE:
            yield f"the inline policies have more than {LONGEST_INLINE} characters"
    if kind == "AWS::IAM::ManagedPolicy" and size(given["PolicyDocument"]) > LONGEST_MANAGED:
        yield f"the policy has more than {LONGEST_MANAGED} characters"
    for document in documents(given):
        yield from _document(document)
        for statement in document.get("Statement", []):
            yield from _of_service(kind, statement)
    if kind == "AWS::KMS::Key" and not any(map(_administers, given["KeyPolicy"]["Statement"])):
        # "The new key policy will not allow you to update the key policy in the future" (PutKeyPolicy).
        yield "nobody could change the key's policy any more"


def size(document: Json) -> int:
    """Characters as IAM counts them."""
    return len(re.sub(r"\s", "", json.dumps(document, separators=(",", ":"))))


def documents(value: Json) -> Iterator[dict[str, Json]]:
    """Every policy in a resource, wherever it stands."""
    if isinstance(value, dict):
        if "Statement" in value:
            yield value
        for inner in value.values():
            yield from documents(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from documents(inner)


def _document(document: dict[str, Json]) -> Iterator[str]:
    if document.get("Version") not in {"2012-10-17", "2008-10-17"}:
        yield f"Version {document.get('Version')!r} is none"
    statements = document["Statement"]
    if not statements:
        yield "a policy has no statement"
    sids = [one["Sid"] for one in statements if "Sid" in one]
    if len(sids) != len(set(sids)):
        yield "two statements have one Sid"
    for one in statements:
        label = one.get("Sid", "a statement")
        if not _SID.fullmatch(one.get("Sid", "")):
            yield f"{label}: a Sid has letters and digits only"
        for part in ("Action", "NotAction", "Resource", "NotResource", "Principal", "Condition"):
            if part in one and _is_empty(one[part]):
                yield f"{label}: {part} is empty"  # "MalformedPolicyDocument: Policy statement must contain ..."
        if not ("Action" in one or "NotAction" in one):
            yield f"{label}: it has no action"


def _is_empty(value: Json) -> bool:
    if isinstance(value, dict):
        return not value or any(map(_is_empty, value.values()))
    return value in ("", []) or (isinstance(value, list) and any(map(_is_empty, value)))


def _of_service(kind: str, statement: dict[str, Json]) -> Iterator[str]:
    action = statement.get("Action", [])
    actions = [action] if isinstance(action, str) else action
    if kind == "AWS::SNS::TopicPolicy":
        scope = {one.lower() for one in _OF_A_TOPIC}
        yield from (f"{one} is no action on a topic" for one in actions if one.lower() not in scope)
    if kind == "AWS::SQS::QueuePolicy" and len(actions) > _MOST_OF_A_QUEUE:
        yield f"a statement of a queue's policy has at most {_MOST_OF_A_QUEUE} actions"


def _administers(statement: dict[str, Json]) -> bool:
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    return statement["Effect"] == "Allow" and bool({"kms:*", "kms:PutKeyPolicy"} & set(actions))
