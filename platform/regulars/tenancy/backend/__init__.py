"""Django's way to PostgreSQL, for connections that serve many chains."""
