"""Clean CDA documents."""
