"""De-identify DICOM objects in Spark."""
