"""Select the regions of a picture that may hold text."""
