"""Make releases whose pseudonyms belong to one recipient."""
