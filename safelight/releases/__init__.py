"""Give de-identified objects the pseudonyms of one recipient, without access to the originals."""
