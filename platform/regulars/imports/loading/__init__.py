"""The loaders: what the rows of each kind of file mean to the tables."""
