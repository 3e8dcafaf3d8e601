"""The readers' door: search, most-read lists, feeds, the web page."""
