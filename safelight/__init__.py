"""Safelight: de-identification of DICOM objects and clinical text, one object at a time."""
