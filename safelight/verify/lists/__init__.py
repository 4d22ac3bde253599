"""Word lists of the verifier."""
