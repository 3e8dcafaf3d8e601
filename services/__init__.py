"""The services of Khobor: each one a process of its own."""
