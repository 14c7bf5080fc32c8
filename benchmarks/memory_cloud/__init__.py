"""AWS in memory, for what is measured of the shell: real boto3 clients, whose answers come from dictionaries.

Why not moto: its listings walk over everything there is, so a bucket or a table that grows makes it slower, and the
shell would seem so too. Here every answer costs the same however much there is, except where AWS itself gives more
pages. botocore still checks and serialises each request; what is left out is signing, sending and reading the answer,
which do not depend on how many runs there are.
"""

from benchmarks.memory_cloud.cloud import MemoryCloud

__all__ = ["MemoryCloud"]
