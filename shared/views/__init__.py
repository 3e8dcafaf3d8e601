"""Counting views exactly once, and the most-read lists that follow from them."""
