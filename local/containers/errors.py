"""The container's two ways to fail, and what it leaves in `output/failure` for SageMaker to show.

SageMaker puts "AlgorithmError: " before that text and ", exit code: 1" behind it, for user errors too.
"""

_TOOLKIT = "sagemaker_algorithm_toolkit.exceptions"


class UserError(Exception):
    """What the user can mend: a hyperparameter, a channel, the data."""


class AlgorithmError(Exception):
    """Everything else."""


def failure_text(error: Exception) -> str:
    """The failure file's text. The container writes its own traceback between the two lines; ours would tell nothing.

    >>> failure_text(UserError("Missing required hyperparameter: num_round")).splitlines()[1]
    'sagemaker_algorithm_toolkit.exceptions.UserError: Missing required hyperparameter: num_round'
    """
    kind = type(error).__name__
    known = isinstance(error, UserError | AlgorithmError)
    return f"framework error: \n{f'{_TOOLKIT}.{kind}' if known else kind}: {error}"
