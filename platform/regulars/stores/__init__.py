"""Owns regions, stores and their opening hours."""
