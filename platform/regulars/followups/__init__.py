"""Owns the care of customers: the days that matter, what is planned for them, what came of it."""
