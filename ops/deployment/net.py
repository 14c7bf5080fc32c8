"""An AWS Budget over everything that carries the deployment's tag: a net beside the relay's own budgets, if asked for.

Not in the template: CloudFormation knows the type in no GovCloud region and would refuse the whole template there, and
a template within a request has no room to spare. It writes to the mail address and not to the topic, whose key may be
somebody's own and would have to let AWS Budgets use it: a net does not hang on that.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.account.finding import is_denied
from ops.deployment.order import TAG
from ops.target import Clients

_REACHED = ("ACTUAL", "FORECASTED")
"""When more has been spent, and when AWS forecasts that more will have been."""


def keep(client: Clients, account: str, stack: str, usd: str, email: str) -> str:
    """Make the stack's budget of so many dollars a month, anew where there is one; for empty none. What to say."""
    removed = _delete(client("budgets"), account, stack)
    if not usd:
        return f"AWS Budget {stack}: {'removed' if removed else 'there was none'}"
    subscribers = [{"SubscriptionType": "EMAIL", "Address": email}]
    client("budgets").create_budget(
        AccountId=account,
        Budget=budget(stack, usd),
        NotificationsWithSubscribers=[
            {
                "Notification": {
                    "NotificationType": when,
                    "ComparisonOperator": "GREATER_THAN",
                    "Threshold": 100.0,
                },
                "Subscribers": subscribers,
            }
            for when in _REACHED
        ],
    )
    return f"AWS Budget {stack}: {usd} USD a month, told to {email}; it sees the tag {TAG} once that is activated"


def budget(stack: str, usd: str) -> dict[str, Any]:
    """What the budget is over.

    >>> budget("sagerelay-dev", "60")["CostFilters"]
    {'TagKeyValue': ['user:sagerelay:deployment$sagerelay-dev']}
    """
    return {
        "BudgetName": stack,
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": usd, "Unit": "USD"},
        "CostFilters": {"TagKeyValue": [f"user:{TAG}${stack}"]},
    }


def remove(client: Clients, account: str, stack: str) -> str:
    """Remove it with the deployment; gives what to say, if anything. Who may not look never made one."""
    try:
        return f"removed the AWS Budget {stack}" if _delete(client("budgets"), account, stack) else ""
    except (BotoCoreError, ClientError) as error:
        if isinstance(error, ClientError) and is_denied(error.response["Error"]["Code"]):
            return ""
        return f"whether there is an AWS Budget {stack} is not known: {error}"


def _delete(budgets: Any, account: str, stack: str) -> bool:
    """Whether there was one."""
    try:
        budgets.delete_budget(AccountId=account, BudgetName=stack)
    except budgets.exceptions.NotFoundException:
        return False
    return True
