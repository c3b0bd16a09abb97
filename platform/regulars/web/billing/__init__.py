"""The page of a chain's subscription: what it is, what it costs, what may be done about it (S3)."""
