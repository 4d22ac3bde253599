"""Read, create and replace keys, and encrypt originals under them."""
