"""An AWS Budget over everything that carries the deployment's tag: a net beside the relay's own budgets, if asked for.

Not in the template: CloudFormation knows the type in no GovCloud region and would refuse the whole template there, and
a template within a request has no room to spare. It writes to the mail address and not to the topic, whose key may be
somebody's own and would have to let AWS Budgets use it: a net does not hang on that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.account.finding import is_denied
from ops.deployment.order import TAG
from ops.target import Clients

_REACHED = ("ACTUAL", "FORECASTED")
"""When more has been spent, and when AWS forecasts that more will have been."""


def keep(client: Clients, account: str, stack: str, usd: str, email: str) -> str:
    """Make the stack's budget of so many dollars a month, or change in place what differs; for empty none. What to say.

    Changed in place, because a budget that is made anew begins without what it has told and forecast.
    """
    budgets = client("budgets")
    if not usd:
        return f"AWS Budget {stack}: {'removed' if _delete(budgets, account, stack) else 'there was none'}"
    what = f"{usd} USD a month, told to {email}"
    try:
        there = budgets.describe_budget(AccountId=account, BudgetName=stack)["Budget"]
    except budgets.exceptions.NotFoundException:
        told = [{"Notification": _notification(when), "Subscribers": [_subscriber(email)]} for when in _REACHED]
        budgets.create_budget(AccountId=account, Budget=budget(stack, usd), NotificationsWithSubscribers=told)
        return f"AWS Budget {stack}: {what}; it sees the tag {TAG} once that is activated"
    changed = [_told_to(budgets, account, stack, when, email) for when in _REACHED]
    if not _is_same(there, budget(stack, usd)):
        budgets.update_budget(AccountId=account, NewBudget=budget(stack, usd))
        changed.append(True)
    return f"AWS Budget {stack}: {what}{'' if any(changed) else ', as before'}"


def _is_same(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a budget that was found is what would be made. AWS answers an amount of "60" as "60.0"."""
    limit = there.get("BudgetLimit", {})
    return (
        float(limit.get("Amount", "nan")) == float(wanted["BudgetLimit"]["Amount"])
        and limit.get("Unit") == wanted["BudgetLimit"]["Unit"]
        and all(there.get(part) == wanted[part] for part in ("BudgetType", "TimeUnit", "CostFilters"))
    )


def _told_to(budgets: Any, account: str, stack: str, when: str, email: str) -> bool:
    """Have one notification write to this address; whether it did not. Who else somebody has it write to stays."""
    named = {"AccountId": account, "BudgetName": stack, "Notification": _notification(when)}
    try:
        found = budgets.describe_subscribers_for_notification(**named)["Subscribers"]
    except budgets.exceptions.NotFoundException:
        budgets.create_notification(**named, Subscribers=[_subscriber(email)])
        return True
    mailed = [one for one in found if one["SubscriptionType"] == "EMAIL"]
    if _subscriber(email) in mailed:
        return False
    if len(mailed) == 1:  # the address of before
        budgets.update_subscriber(**named, OldSubscriber=mailed[0], NewSubscriber=_subscriber(email))
    else:
        budgets.create_subscriber(**named, Subscriber=_subscriber(email))
    return True


def _notification(when: str) -> dict[str, Any]:
    return {
        "NotificationType": when,
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": 100.0,
        "ThresholdType": "PERCENTAGE",
    }


def _subscriber(email: str) -> dict[str, str]:
    return {"SubscriptionType": "EMAIL", "Address": email}


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
