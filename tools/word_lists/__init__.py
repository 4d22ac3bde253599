"""Generate the word lists that ship with the library."""
