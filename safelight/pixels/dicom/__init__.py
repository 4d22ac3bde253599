"""Read the attributes that describe the pixel data."""
