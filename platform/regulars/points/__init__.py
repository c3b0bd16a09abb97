"""Owns points and stored value; its ledger is the only writer."""
