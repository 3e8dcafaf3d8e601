"""The publishers' door: HTTP in, events out."""
