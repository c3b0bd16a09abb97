"""Owns the chains: who they are, where their schema is, and that nobody reaches another's."""
