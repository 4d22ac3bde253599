"""Replace identifying values by consistent surrogates."""
