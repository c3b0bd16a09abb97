"""Owns plans and what each chain subscribes to."""
