"""Owns the stories that cross domains, one file each."""
