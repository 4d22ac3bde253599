"""Safelight: de-identification of DICOM objects and clinical text, one object at a time."""

from safelight.deidentifier import Deidentifier
from safelight.records import Annotate, Result, Span, Status

__all__ = ["Annotate", "Deidentifier", "Result", "Span", "Status"]
