"""One account of AWS in memory: the operations SageRelay calls, with AWS's manners, in whatever time its user keeps.

Each service is a class whose methods are those of a boto3 client (`table.py`, `bucket.py`, ...); `cloud.py` joins them.
The code may be given them in place of clients (the simulation, the relay's tests), or real clients that are answered
from here and counted (`connection.py`, which the benchmarks use). What goes wrong is not decided here: jobs and
endpoints end as their user's `Fate` says, and the simulation puts misfortunes between the code and a call.

Why not moto: its listings walk over everything there is, so a bucket or a table that grows makes it slower, and the
code under test would seem so too. Here an answer costs the same however much there is, except where AWS gives more
pages. That both answer alike is the matter of `test_cloud.py`.
"""
