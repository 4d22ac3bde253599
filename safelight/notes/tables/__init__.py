"""Process rows of tables and the table of known values."""
