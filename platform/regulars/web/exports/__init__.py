"""Pages on which people take customers and purchases out as files."""
