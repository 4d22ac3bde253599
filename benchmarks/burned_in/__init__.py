"""Measure burned-in text: real, synthetic, faint, and on screens."""
