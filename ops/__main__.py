"""`python -m ops`: a deployment's command line. See ops/cli/commands.py."""

from ops.cli.commands import app

if __name__ == "__main__":
    app(prog_name="python -m ops")
