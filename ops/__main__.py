"""`python -m ops`: a deployment's command line. See ops/commands.py."""

from ops.commands import app

if __name__ == "__main__":
    app(prog_name="python -m ops")
