"""Reading whom may be contacted, when, and what was."""
