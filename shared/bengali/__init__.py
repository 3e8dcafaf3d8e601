"""Bengali text analysis: the same code turns articles and queries into tokens. Pure; no I/O."""
