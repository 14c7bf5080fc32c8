"""The console: its words and its document as plain values, its writing in a world in memory, its page in Chromium."""
