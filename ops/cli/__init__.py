"""`python -m ops`: what is asked for, and how a command ends. What it does is done in the packages below."""
