"""Documents inside DICOM objects: content trees of reports, encapsulated PDF and CDA."""
