"""The account's roles over a restart, with their policies: jobs and endpoints go on in a role's name.

Like `local.state`, to which it belongs, it reaches into moto, whose API gives no role its creation back. Only what a
role may do is kept: users and groups restrict nobody here.
"""

from typing import Any

from local.permissions import account

Snapshot = dict[str, Any]
_MANAGED_BY_AWS = "arn:aws:iam::aws:policy/"


def capture(account_id: str) -> Snapshot:
    """Every role, and the policies that the account's owner has made."""
    backend = account.backend(account_id)
    policies = [
        {"name": policy.name, "path": policy.path, "document": account.default_document(policy)}
        for policy in list(backend.managed_policies.values())
        if not policy.arn.startswith(_MANAGED_BY_AWS)
    ]
    roles = [
        {
            "name": role.name,
            "path": role.path,
            "trust": role.assume_role_policy_document,
            "inline": dict(role.policies),
            "attached": list(role.managed_policies),
            "boundary": role.permissions_boundary_arn,
        }
        for role in list(backend.roles.values())
    ]
    return {"policies": policies, "roles": roles}


def restore(account_id: str, snapshot: Snapshot) -> None:
    """What `capture` gave; what is there already stays as it is."""
    backend = account.backend(account_id)
    for saved in snapshot.get("policies", ()):
        backend.create_policy("", saved["path"], saved["document"], saved["name"], [])
    for saved in snapshot.get("roles", ()):
        boundary = saved.get("boundary")
        role = backend.create_role(saved["name"], saved["trust"], saved["path"], boundary, "", [], None)
        role.policies.update(saved["inline"])
        for arn in saved["attached"]:
            backend.attach_role_policy(arn, role.name)
