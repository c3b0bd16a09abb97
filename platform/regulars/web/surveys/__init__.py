"""Pages of surveys: what customers answer on, what came of it, and which are asked."""
