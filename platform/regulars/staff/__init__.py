"""Owns the people who work in a chain: roles, scope over stores, sign-in."""
