"""Measure and limit the risk that a patient is re-identified from quasi-identifiers.

All functions are pure. The unit is the patient, not the object: an equivalence class is a set of
patients who have the same values of all quasi-identifiers.
"""
