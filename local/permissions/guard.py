"""The check at the front door: who asks by the access key, what that needs, and whether the policies allow it.

A person is not restricted: what a user may do is the account's affair. The functions and the jobs are, always, each by
the policies of its own role. It keeps no state and blocks nothing; `witness` is told of everything that was asked,
which is how the tests know what a relay needs. Parts of the embedded cloud that do something in a role's name without
a request (pulling an image, say) ask through `objection`.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from local.permissions import by_name, denial, s3, sagemaker, wire
from local.permissions.permission import Permission
from local.permissions.principals import Principal
from local.permissions.surroundings import Surroundings
from local.permissions.wire import Call
from local.wire.http_server import Answer, Request


class Lookup(Protocol):
    """Who holds an access key."""

    def get(self, access_key: str, /) -> Principal | None:
        """None: somebody who is not restricted."""


Witness = Callable[[Principal, Permission, bool], None]
"""Told of who asked for what, and whether it was allowed."""


class Guard:
    """`principals`: who is restricted, by access key."""

    def __init__(self, principals: Lookup, surroundings: Surroundings, witness: Witness | None = None) -> None:
        self._principals = principals
        self._surroundings = surroundings
        self._witness = witness

    def refusal(self, request: Request) -> Answer | None:
        """AWS's denial of a request; None when it may go on."""
        principal = self._principals.get(wire.access_key(request) or "")
        if principal is None:
            return None
        call = wire.call(request)
        needed = _asked(call, self._surroundings)
        if needed is None and not principal.needs_table:
            needed = [Permission(f"{call.service}:{call.operation}", "*")]
        if needed is None:
            return denial.answer(call, _UNKNOWN.format(who=principal.arn, action=f"{call.service}:{call.operation}"))
        text = self._objection(principal, needed, call.service)
        return denial.answer(call, text) if text else None

    def about_missing(self, request: Request, answer: Answer) -> Answer:
        """S3's answer: to who may not list the bucket it does not say that there is no such key."""
        principal = self._principals.get(wire.access_key(request) or "") if answer.status == _NOT_FOUND else None
        call = wire.call(request) if principal else None
        if principal is None or call is None or call.s3 is None or (asked := s3.missing(call.s3)) is None:
            return answer
        text = self._objection(principal, [asked], call.service)
        return denial.answer(call, text) if text else answer

    def objection(self, principal: Principal, needed: Iterable[Permission]) -> str | None:
        """Why somebody may not do something that comes as no request; None when he may."""
        return self._objection(principal, needed, "")

    def _objection(self, principal: Principal, needed: Iterable[Permission], service: str) -> str | None:
        for asked in needed:
            decision = principal.policies.decide(asked)
            if self._witness:
                self._witness(principal, asked, decision.allowed)
            if not decision.allowed:
                return denial.sentence(principal.arn, asked, decision, service=service)
        return None


_NOT_FOUND = 404
_UNKNOWN = (
    "User: {who} is not authorized to perform: {action}, because the embedded cloud does not know which permissions "
    "AWS asks for it: look them up and add them to local/permissions"
)


def _asked(call: Call, surroundings: Surroundings) -> list[Permission] | None:
    if call.s3 is not None:
        return s3.asked(call.s3)
    if call.service == "sagemaker":
        return sagemaker.asked(call.operation, call.parameters, surroundings)
    return by_name.asked(call.service, call.operation, call.parameters, surroundings)
