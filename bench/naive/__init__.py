"""The usual stack, written the way a good tutorial does it: what the benches of the journal compare with."""
