"""The embedded cloud: as much of AWS as the relay needs, on one machine, so that the same code runs there unchanged.

Theory of operation
===================
One front door on the loopback address takes every request in AWS's own protocols: a person's, a function's and a
job's. Who asks is known by the access key. What has happened is told to the bus, which wakes functions; they are
clients again::

    client -> wire: HTTP -> front.py -> permissions: may they? -> sagemaker | an endpoint | offer: is it here? -> moto
                               |
                               +-> an object came, a job ended -> events: the bus -> functions: app.py in a process

moto answers for storage, tables, topics and queues. SageMaker, EventBridge and Lambda are our own, because jobs,
endpoints, events and functions must really run: as processes, with AWS's limits, permissions and refusals.

From the top down, each package importing only what stands below:

    cli                     `python -m local demo | run | up`: watches from outside, as a user of AWS would
    this folder             the whole: cloud.py starts and ends the parts; front.py is the address, invocations.py that
                            of endpoints, stack.py what the template makes on AWS, laptop_roles.py its roles,
                            directory.py and state.py what survives a restart, the logs by kept_logs.py;
                            figures.py has what CloudWatch counts of endpoints,
                            moto_versions.py lists and lays moto's objects, mailbox.py has the mails,
                            pages.py what a browser may look at, control_plane.py what front.py asks of SageMaker
    offer  sagemaker        which operations there are; the control plane with its jobs and endpoints
    functions  serving      Lambda's processes; an endpoint's process
    events  permissions     EventBridge's bus; IAM, evaluated for every call
    wire  containers        HTTP, errors and shapes of AWS's protocols; stand-ins for SageMaker's images

Three rules. What this cloud has not, it refuses in AWS's form; it invents no success. Where AWS is strict and an
emulator is not, it is strict, so that a mistake shows here and not in the account. And the relay cannot tell it from
AWS: nothing in `chalicelib` or `jobs` knows of this room, and none of it is shipped.
"""
