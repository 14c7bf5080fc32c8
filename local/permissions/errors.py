"""What is wrong with a policy, or with what we know of AWS: said at once, because the alternative is to let it pass."""


class PolicyError(Exception):
    """A policy that cannot be evaluated: malformed, or something this evaluator does not know."""
