"""Word lists: names, places, institutions, titles, eponyms and terms."""
