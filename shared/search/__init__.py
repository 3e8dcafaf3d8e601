"""Search over articles: one port, pure query and ranking logic, two engines behind it."""
