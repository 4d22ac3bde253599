"""What jobs share: arguments, keys, sources, storage, tables, leases and the Spark session."""
