"""Owns the questions that customers are asked about their satisfaction, and what they answered."""
