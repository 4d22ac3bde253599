"""Word knowledge: whether a word can be a name, a place, an institution, a title or a term.

All stages ask this package: headers, pixels, notes, documents and the text model.
:mod:`~safelight.text.lexicon.words` knows ordinary words and names of people,
:mod:`~safelight.text.lexicon.phrases` knows phrases that are not names, and
:mod:`~safelight.text.lexicon.word_lists` reads the lists of concepts.
"""
