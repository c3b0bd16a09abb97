"""Owns purchases, lines and returns: facts that are never edited."""
