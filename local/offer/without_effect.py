"""What is refused for its parameters: the operation is there, but of what they ask for nothing would come.

Pure: a call in, a word for what the embedded cloud has not, or none.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from local.permissions.wire import Call

_DELIVERED_TO = re.compile(r"arn:aws:(sqs|logs|events):")
_LOG_PATTERN = re.compile(r'[A-Za-z]\w*|"[^"]*"')
_CALLED = re.compile(rb"(Topic|CloudFunction|LambdaFunction)Configuration\b")
_STATISTICS = {"SampleCount", "Average", "Sum", "Minimum", "Maximum"}
_AT_HAND = {"", "STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "REDUCED_REDUNDANCY", "GLACIER_IR"}
"""Storage classes whose objects can be read without a restoration."""

Parameters = Mapping[str, Any]


def of(service: str, operation: str, call: Call) -> str | None:
    """What there is not, for a sentence; None when nothing is asked for in vain."""
    check = _CHECKS.get((service, operation))
    return check(call.parameters) if check else None


def of_headers(header: Callable[[str], str | None]) -> str | None:
    """The same for what a request to S3 asks for in its headers."""
    if (kept := header("x-amz-storage-class") or "") not in _AT_HAND:
        return f"storage class {kept}, whose objects must be restored before they are read"
    if header("x-amz-server-side-encryption-customer-algorithm"):
        return "encryption with a customer's key (SSE-C)"
    return None


def of_body(operation: str, body: bytes) -> str | None:
    """The same for the document of a request to S3."""
    if operation.startswith("PutBucketNotification") and (found := _CALLED.search(body)):
        return f"notifications of a bucket by {found[0].decode()} (queues and EventBridge it has)"
    return None


def damaged(header: Callable[[str], str | None], body: bytes) -> bool:
    """Whether a body is not the one whose MD5 the request gives."""
    given = header("Content-MD5")
    if "aws-chunked" in (header("Content-Encoding") or ""):
        return False  # the sum is of what the chunks hold
    return given is not None and given != base64.b64encode(hashlib.md5(body).digest()).decode()  # noqa: S324


def _targets(parameters: Parameters) -> str | None:
    for target in _dicts(parameters.get("Targets")):
        if not _DELIVERED_TO.match(str(target.get("Arn", ""))):
            return f"delivery from rules to {target.get('Arn')} (queues, log groups and event buses it has)"
        if "Input" in target or "InputPath" in target:
            return "Input and InputPath of a rule's target (InputTransformer it has)"
    return None


def _rule(parameters: Parameters) -> str | None:
    return "schedules for rules of your own" if parameters.get("ScheduleExpression") else None


def _publication(parameters: Parameters) -> str | None:
    return "text messages" if "PhoneNumber" in parameters else None


def _subscription(parameters: Parameters) -> str | None:
    protocol = parameters["Protocol"]
    return None if protocol in {"email", "sqs"} else f"subscriptions by {protocol} (email and sqs it has)"


def _table(parameters: Parameters) -> str | None:
    return "tables in several regions" if parameters.get("ReplicaUpdates") else None


def _metric_data(parameters: Parameters) -> str | None:
    for query in _dicts(parameters.get("MetricDataQueries")):
        if query.get("Expression"):
            return "metric math"
        asked = query.get("MetricStat")
        statistic = asked.get("Stat") if isinstance(asked, dict) else None
        if statistic not in _STATISTICS:
            return f"statistic {statistic} of a metric ({', '.join(sorted(_STATISTICS))} it has)"
    return None


def _statistics(parameters: Parameters) -> str | None:
    return "percentiles of metrics" if parameters.get("ExtendedStatistics") else None


def _logs(parameters: Parameters) -> str | None:
    pattern = parameters.get("filterPattern")
    is_known = not pattern or _LOG_PATTERN.fullmatch(str(pattern))
    return None if is_known else f"filter pattern {pattern!r} (one word or one quoted text it has)"


def _session(parameters: Parameters) -> str | None:
    narrowed = "Policy" in parameters or any(name.startswith("PolicyArns") for name in parameters)
    return "policies of a session" if narrowed else None


def _dicts(found: Any) -> Iterable[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


_CHECKS: Mapping[tuple[str, str], Callable[[Parameters], str | None]] = {
    ("events", "PutTargets"): _targets,
    ("events", "PutRule"): _rule,
    ("sns", "Publish"): _publication,
    ("sns", "Subscribe"): _subscription,
    ("dynamodb", "UpdateTable"): _table,
    ("cloudwatch", "GetMetricData"): _metric_data,
    ("cloudwatch", "GetMetricStatistics"): _statistics,
    ("logs", "FilterLogEvents"): _logs,
    ("sts", "AssumeRole"): _session,
}
