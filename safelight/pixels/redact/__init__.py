"""Mask regions of the pixel data and check the result."""
