"""What IAM and STS say of who asks and of what a role may do, where moto has an invention or nothing.

A person at this laptop is what he would be in a SageMaker notebook: somebody under an execution role, so that what
finds its role through `sts:GetCallerIdentity` finds one that works. `iam:SimulatePrincipalPolicy` is answered from the
same policies by which requests are judged.
"""

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from local.permissions import wire
from local.permissions.permission import Values, permission
from local.permissions.policy import Decision
from local.permissions.principals import Principals
from local.wire import answers
from local.wire.errors import ApiError
from local.wire.http_server import Answer, Request

_IAM = "https://iam.amazonaws.com/doc/2010-05-08/"
_STS = "https://sts.amazonaws.com/doc/2011-06-15/"
Form = Mapping[str, str]


class Identity:
    """`person`: the ARN under which everybody asks who has no role of his own; `is_user`: whether a user has an ARN;
    `user_with`: the ARN of the user who has an access key.
    """

    def __init__(
        self,
        principals: Principals,
        *,
        account: str,
        person: str,
        is_user: Callable[[str], bool],
        user_with: Callable[[str], str | None],
    ) -> None:
        self._principals = principals
        self._account = account
        self._person = person
        self._is_user = is_user
        self._user_with = user_with

    def answer(self, request: Request) -> Answer | None:
        """The answer to a request; None when it is moto's to give."""
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        try:
            match form.get("Action"):
                case "GetCallerIdentity":
                    return self._caller(wire.access_key(request) or "")
                case "SimulatePrincipalPolicy":
                    return self._simulation(form)
                case "AssumeRole":
                    self._check_trust(wire.access_key(request) or "", form)
        except ApiError as error:
            return answers.query_error(error)
        return None

    def _caller(self, access_key: str) -> Answer | None:
        principal = self._principals.get(access_key)
        if principal is None and access_key.startswith(("AKIA", "ASIA")):
            return None  # keys that moto gave away itself
        arn = principal.arn if principal else self._person
        content = f"<Arn>{escape(arn)}</Arn><UserId>{escape(access_key)}</UserId><Account>{self._account}</Account>"
        return answers.query_result("GetCallerIdentity", _STS, content)

    def _check_trust(self, access_key: str, form: Form) -> None:
        """moto gives keys for any role, there or not. Raises ApiError AccessDenied where AWS gives none."""
        principal = self._principals.get(access_key)
        who = principal.arn if principal else self._user_with(access_key) or self._person
        role = who.replace(":sts:", ":iam:").replace(":assumed-role/", ":role/").rpartition("/")[0]
        names = {who, role, self._account, f"arn:aws:iam::{self._account}:root"}
        facts = {"sts:externalid": (form["ExternalId"],)} if "ExternalId" in form else {}
        wanted = form.get("RoleArn", "")
        if not self._principals.lets_in(wanted, names, facts):
            text = f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {wanted}"
            raise ApiError("AccessDenied", text, 403)

    def _simulation(self, form: Form) -> Answer:
        source = form.get("PolicySourceArn", "")
        decide = self._decider(source)
        facts = dict(_context(form))
        results = [
            f"<member><EvalActionName>{escape(action)}</EvalActionName><EvalResourceName>{escape(resource)}"
            f"</EvalResourceName><EvalDecision>{decide(action, resource, facts)}</EvalDecision><MatchedStatements/>"
            "<MissingContextValues/></member>"
            for action in _members(form, "ActionNames")
            for resource in list(_members(form, "ResourceArns")) or ["*"]
        ]
        content = f"<IsTruncated>false</IsTruncated><EvaluationResults>{''.join(results)}</EvaluationResults>"
        return answers.query_result("SimulatePrincipalPolicy", _IAM, content)

    def _decider(self, source: str) -> Callable[[str, str, Mapping[str, Values]], str]:
        principal = self._principals.of_role(source)
        if principal is not None:
            policies = principal.policies
            return lambda action, resource, facts: _word(policies.decide(permission(action, resource, facts)))
        if self._is_user(source):
            return lambda _action, _resource, _facts: "allowed"  # a person is not restricted here
        raise ApiError("NoSuchEntity", f"There is no role or user {source}.", 404)


def _word(decision: Decision) -> str:
    if decision.allowed:
        return "allowed"
    return "explicitDeny" if decision.statement else "implicitDeny"


def _members(form: Form, name: str) -> Iterator[str]:
    """The values of a list in a query request."""
    number = 1
    while (value := form.get(f"{name}.member.{number}")) is not None:
        yield value
        number += 1


def _context(form: Form) -> Iterator[tuple[str, Values]]:
    number = 1
    while (key := form.get(f"ContextEntries.member.{number}.ContextKeyName")) is not None:
        yield key, tuple(_members(form, f"ContextEntries.member.{number}.ContextKeyValues"))
        number += 1
