"""Read, write and describe single Delta tables, and the set of tables of a run."""
