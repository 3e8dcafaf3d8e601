"""The local stack: every service as a process of its own under supervisor, in one folder."""
