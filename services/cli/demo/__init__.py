"""The demo: sample articles written for this project, and views of a plausible shape."""
