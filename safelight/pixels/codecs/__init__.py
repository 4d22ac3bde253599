"""Decode and encode frames of all supported transfer syntaxes."""
