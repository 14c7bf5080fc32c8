"""What the roles of the template may do, evaluated on the laptop for every call the functions and the jobs make.

An emulator lets everything pass, so a missing permission shows in the account only, and one too many never. Here each
request at the front door becomes the permissions AWS would ask for (`wire`, `s3`, `sagemaker`, `by_name`), those are
looked up in the policies of `infra/roles.yaml` (`template`, `roles`) by the rules of IAM (`policy`, `conditions`), and
what is not allowed gets AWS's denial (`denial`). Everything but `guard` is pure.

What is not known is an error or a denial, never an allowance: an operator, a condition key, an intrinsic function, an
operation nobody has looked up yet.

    wire.py        a request -> who asks for what    permission.py  an action, a resource, and facts
    by_name.py, s3.py, sagemaker.py                  what AWS asks for it; surroundings.py: what that takes to know
    template.py    CloudFormation's functions        roles.py       the template's two roles
    policy.py      allowed or not                    conditions.py, patterns.py  parts of a statement
    account.py     the account's own roles           account_policies.py, kept_roles.py  as written; over a restart
    own_code.py    the roles of datasets' own code, from the template that deploying makes them of
    principals.py  whoever may ask                   identity.py    what IAM and STS say of them
    guard.py       the check at the front door       denial.py      AWS's no; errors.py: what is wrong with a policy
"""
