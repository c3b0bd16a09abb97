"""Owns the REST interface for tills and partners."""
