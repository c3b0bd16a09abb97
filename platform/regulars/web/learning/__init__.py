"""What complaints teach (Q8): figures, topics, times, repeats, later purchases, rows and files."""
