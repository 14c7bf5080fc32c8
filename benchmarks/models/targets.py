"""What the figures must reach, by name; a figure without a target is there to be read beside the others."""

from benchmarks.targets import Target

TARGETS: dict[str, Target] = {
    "trees.geometric_mean": Target(at_most=0.98),
    "trees.worst": Target(at_most=1.01),
    "autogluon_medium.share_won": Target(at_least=0.9),
    "autogluon_medium.geometric_mean": Target(at_most=0.99),
    "autogluon_good.share_won": Target(at_least=0.6),
    "beside.geometric_mean": Target(at_most=0.99),
    "beside.worst": Target(at_most=1.02),
    "few_rows.least_gain_in_auc": Target(at_least=0.0),
    "calibration.ratio": Target(at_most=1.0),
    "serving.1.of_autogluon": Target(at_most=1.0),
    "serving.1000.of_autogluon": Target(at_most=1.0),
    "serving.1.of_one_booster": Target(at_most=1.3),
    "serving.1000.of_one_booster": Target(at_most=1.3),
    "million.wall_ratio": Target(at_most=3.0),
    "million.memory_ratio": Target(at_most=1.5),
}
