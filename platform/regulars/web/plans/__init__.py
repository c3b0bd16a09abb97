"""Settings pages of the follow-up plans: what is done with customers after what, and by whom."""
