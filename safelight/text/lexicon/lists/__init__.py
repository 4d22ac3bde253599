"""Word lists, one file per concept; see :mod:`safelight.text.lexicon.word_lists`."""
