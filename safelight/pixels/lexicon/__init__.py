"""Word lists and field labels of burned-in text."""
