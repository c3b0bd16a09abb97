"""The pages where head office makes and revokes API keys."""
