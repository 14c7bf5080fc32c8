"""What stands around a training script of the user's own, in SageMaker's images: it travels with the script.

`launch.py` is what SageMaker starts in its place: it runs the script as a process of its own, says in a sentence why it
did not end well, and puts the code that serves beside the model. `serve.py` loads the model and answers, by the
script's own functions where it has them. Both lie beside the script, under names that begin with `sagerelay`, and so
import nothing of ours: the image that they run in holds other versions of everything. `laid.py` puts them there.

Of the user's code nothing is imported or run anywhere else: not by Lambda, and by no job that has the jobs' role.
"""
