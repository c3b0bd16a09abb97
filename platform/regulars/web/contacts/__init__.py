"""Reaching one customer: the panel of one-tap ways, and the customer's messages."""
