"""Pages about what is handed over: goods with their checklist, gifts, customers to other guides."""
