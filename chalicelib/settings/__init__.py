"""relay.yaml: what a person may set, what holds where nothing is said, and what a change of it means.

relay_yaml.py       the file -> settings, or a sentence that says what is wrong, where, and what to do
dataset.py          all settings of a dataset (pydantic)      tuning.py, monitoring.py, decision.py, endpoint.py  parts
section.py          what every part has in common             instance_types.py  machines SageMaker has for what
stored.py           the same settings as plain values         defaults.py        every default; what lacks it filled in
money.py             what a dataset may cost                  own_code.py        `algorithm` that is no name
machines.py         instances that hold the data: auto
fingerprints.py     whether a change makes another model      schedules.py       "rate(6 hours)" or "cron(...)" -> when
several.py          what may stand beside a list of algorithms
max_loss.py         what the number of a max_loss means, which an earlier release took otherwise
"""
