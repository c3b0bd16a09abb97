"""Pages for customers who complain alone, without an account, and for the codes that lead there."""
