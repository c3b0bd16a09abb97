"""Understanding columns: which of our attributes each heading of a file means."""
