"""Money and time: periods, prices, prorations, invoices, payments, and what falls due."""
