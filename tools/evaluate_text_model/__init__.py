"""Evaluate the text model: recall and precision, over-redaction, peers, speed."""
