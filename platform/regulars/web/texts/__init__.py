"""Owns the pages of words: the library of texts, the lists of words, what guides copy from."""
