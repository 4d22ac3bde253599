"""Find and trim names in short description attributes, which are mostly imaging terms.

A description is not a sentence. Its capital letters mislead the text model, and the model takes
terms next to a name for a part of the name.
"""
