"""What holds for every test."""

import signal

from hypothesis import settings

# How long an example takes says something about the machine and nothing about the code.
settings.register_profile("sagerelay", deadline=None)
settings.load_profile("sagerelay")

# What a shell starts in the background is deaf to Ctrl-C, and so would be every program that a test starts and ends.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
