"""Share arguments, keys, storage, tables, leases and the Spark session between the jobs."""
