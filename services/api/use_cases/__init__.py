"""What readers can do, in terms of ports; no HTTP, no engine, no Redis."""
