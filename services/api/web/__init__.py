"""The readers' pages: plain HTML that works without scripts."""
