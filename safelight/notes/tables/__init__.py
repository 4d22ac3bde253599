"""Table rows and tables of known values, with the rules of columns."""
