"""Owns files in and files out."""
