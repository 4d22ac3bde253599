"""Start runs in each service, and read their states and outputs."""
