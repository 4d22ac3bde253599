"""Spark NLP pipeline that finds PHI in clinical text."""
