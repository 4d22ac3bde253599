"""Data files of the allow list, one word or several words per line."""
