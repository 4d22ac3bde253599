"""Planted-PHI corpus in the schema of the MIDI-B challenge, and a scorer for its ten checks."""
