"""Parse written dates, detect their order of day and month, and shift them."""
