"""Days that matter to one customer: computed ahead, found by day, and honoured with a gift."""
