"""API keys: issued to publishers and editors, hashed at rest, checked at both doors."""
