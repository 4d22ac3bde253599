"""CDA documents: structured fields, narrative text, and embedded PDF."""
