"""De-identify clinical notes in Spark."""
