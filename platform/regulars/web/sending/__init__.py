"""Pages of sending: the budget, providers and their callbacks, batches, and the way out."""
