"""Import de-identified objects into a data store, and follow the import jobs."""
