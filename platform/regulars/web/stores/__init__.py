"""Pages of stores and regions: addresses, opening hours, shared devices, closing."""
