"""Record accesses to originals in a hash-chained log, and check it."""
