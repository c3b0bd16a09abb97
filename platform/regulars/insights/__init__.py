"""Owns the figures of head office and the rollups behind them."""
