"""Documents inside DICOM objects: structured reports, encapsulated PDF and CDA."""
