"""The conversations with customers: what waits for an answer, and answering it."""
