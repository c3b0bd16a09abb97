"""The first page of a chain that has nothing yet: what to do, in which order."""
