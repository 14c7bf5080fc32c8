"""The project as a package: what the wheel holds, and the command that it brings."""
