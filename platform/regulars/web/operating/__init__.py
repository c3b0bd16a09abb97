"""The page of those who run the installation: subscriptions, money, what Stripe told."""
