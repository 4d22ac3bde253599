"""Decide which burned-in text is PHI."""
