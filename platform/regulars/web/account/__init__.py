"""Pages of one's own account: signing in, joining, taking turns on a shared device."""
