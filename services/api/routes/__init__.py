"""HTTP routes: each reads its parameters, calls one use case and answers."""
