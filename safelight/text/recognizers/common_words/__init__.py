"""Decide whether a guess of the text model is made of common words rather than PHI.

These rules apply to guesses of the model only. Values that a pattern, a label, a gazetteer or
the known values of the patient have found are not judged by them.
"""
