"""HTTP manners that both doors share: problem details, request ids, health and metrics."""
