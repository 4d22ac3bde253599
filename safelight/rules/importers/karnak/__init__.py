"""Import profiles of Karnak."""
