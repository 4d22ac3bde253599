"""Read and write entropy-coded JPEG data (ITU-T T.81)."""
