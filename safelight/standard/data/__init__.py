"""The tables themselves; ``safelight.standard`` loads them."""
