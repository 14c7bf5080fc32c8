"""`python -m local`: the relay on this machine. See local/cli."""

from local.cli.commands import app

if __name__ == "__main__":
    app(prog_name="python -m local")
