"""The stack of a laptop: embedded PostgreSQL and Valkey, and the supervisor of every part."""
