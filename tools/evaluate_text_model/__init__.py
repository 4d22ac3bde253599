"""Measure the pipeline: a test set of our own, over-redaction, peers, speed."""
