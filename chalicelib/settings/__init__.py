"""relay.yaml: what a person may set, what holds where nothing is said, and what a change of it means.

relay_yaml.py     the file -> settings, or a sentence that says what is wrong, where, and what to do
dataset.py        all settings of a dataset (pydantic); section.py what each part of them is made of
tuning.py, monitoring.py    two of the parts             schedules.py    "daily at 6:00" -> when
defaults.py       what was the default before a setting existed, for records that older releases wrote
fingerprints.py   which settings make a new model          instance_types.py  machines SageMaker has for what
"""
