"""Measure the cost of pixels, the gate before OCR, and the transfer syntaxes."""
