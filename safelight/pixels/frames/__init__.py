"""Read frames and overlay planes of an object."""
