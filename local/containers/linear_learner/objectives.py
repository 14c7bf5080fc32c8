r"""The metrics that linear-learner is registered with: what it can be tuned for, how SageMaker finds each in its log.

The expressions are those that DescribeTrainingJob has answered for a job of this image. There was none for
`roc_auc_score` then; its form follows from the line that the algorithm logs.
"""

from collections.abc import Mapping

_PRINTED = {
    "binary_classification_accuracy": "binary_classification_accuracy <score>",
    "binary_f_beta": r"binary_f_\S+ <score>",
    "precision": "precision <score>",
    "recall": "recall <score>",
    "roc_auc_score": "roc_auc_score <score>",
    "multiclass_accuracy": "multiclass_accuracy <score>",
    "multiclass_top_k_accuracy": r"multiclass_top_k_accuracy_\S+ <score>",
    "dcg": "dcg <score>",
    "macro_recall": "macro_recall <score>",
    "macro_precision": "macro_precision <score>",
    "macro_f_beta": r"macro_f_\S+ <score>",
    "mse": "mse <loss>",
    "absolute_loss": "absolute_loss <loss>",
}
_LOSS = "objective_loss"
_CHANNELS = ("train", "validation", "test")
_BY_EPOCH = ("train", "validation")

EXPRESSIONS: Mapping[str, str] = {
    **{
        f"{channel}:{metric}": rf"#quality_metric: host=\S+, {channel} {printed}=(\S+)"
        for channel in _CHANNELS
        for metric, printed in _PRINTED.items()
    },
    **{
        f"{channel}:{_LOSS}": rf"#quality_metric: host=\S+, epoch=\S+, {channel} \S+_objective <loss>=(\S+)"
        for channel in _BY_EPOCH
    },
    **{
        f"{channel}:{_LOSS}:final": rf"#quality_metric: host=\S+, {channel} \S+_objective <loss>=(\S+)"
        for channel in _BY_EPOCH
    },
    f"test:{_LOSS}": r"#quality_metric: host=\S+, test \S+_objective <loss>=(\S+)",
    "train:progress": r"#progress_metric: host=\S+, completed (\S+) %",
    "train:throughput": r"#throughput_metric: host=\S+, train throughput=(\S+) records/second",
}
OBJECTIVES: Mapping[str, str] = {
    f"{channel}:{metric}": "Minimize" if metric in {"mse", "absolute_loss", _LOSS} else "Maximize"
    for channel in ("validation", "test")
    for metric in (*_PRINTED, _LOSS)
}
"""By "Tune a linear learner model" (docs.aws.amazon.com/sagemaker/latest/dg/linear-learner-tuning.html)."""
