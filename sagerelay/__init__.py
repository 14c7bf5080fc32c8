"""SageRelay as an installed command, `sagerelay`: what `python -m local` and `python -m ops` are in a checkout.

The rooms are called `jobs`, `local`, `ops` and so on, which are no names to put into other people's site-packages. So a
wheel carries them as they stand, below `sagerelay/tree/`, and this package, which needs nothing but Python itself, puts
that folder on the path of its own process before it hands over to the command asked for.

    commands.py   which commands there are, whose they are, and what they need installed (plain data)
    carried.py    where the tree lies, and its copy in a cache folder, which deployments are packaged from
    cli.py        the command line: help, what is missing, handing over
    completion.py  what has a shell complete its commands

It must not import the rooms: it has to say which extra is missing where none is installed. Nothing imports this
package, and nothing of it is shipped to Lambda or to a job.
"""

__version__ = "0.2.0"
"""The one place of the version (pyproject.toml reads it here)."""
