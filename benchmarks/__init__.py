"""Benchmarks: measurements of speed and quality, compared with other tools."""
