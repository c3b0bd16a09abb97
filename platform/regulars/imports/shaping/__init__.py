"""From the values of a batch to drafts of customers and of purchases."""
