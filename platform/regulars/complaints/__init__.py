"""Complaints: easy to raise, owned by the first who hears them, closed when the customer is."""
