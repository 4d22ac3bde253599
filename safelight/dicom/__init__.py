"""Parse DICOM objects once: file meta information, encoding, character sets and elements."""
