"""Look up whether imaging devices burn text into their images."""
