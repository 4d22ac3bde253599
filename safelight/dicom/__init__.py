"""DICOM encoding: parse an object once, read values in its character set, and write elements."""
