"""Look up what is known of imaging devices."""
