"""The settings page: one card for each thing head office and managers arrange."""
