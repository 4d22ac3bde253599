"""Describe a release: manifest, statement, totals, and the patients that it may hold."""
