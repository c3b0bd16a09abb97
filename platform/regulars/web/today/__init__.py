"""A guide's day: whom to care for, one customer at a time, and what came of it."""
