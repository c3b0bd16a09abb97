"""Owns the pages for people."""
