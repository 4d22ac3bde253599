"""Read the master key and encrypt restricted values."""
