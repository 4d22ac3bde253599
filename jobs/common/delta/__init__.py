"""Read and write Delta tables; hold the lease of their only writer."""
