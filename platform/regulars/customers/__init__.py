"""Owns the customer profile: who they are, what they told us, what they agreed to."""
