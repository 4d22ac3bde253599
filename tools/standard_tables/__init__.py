"""Make the tables in ``safelight/standard/data`` again from their published sources."""
