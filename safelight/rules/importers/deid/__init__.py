"""Import recipes of pydicom/deid."""
