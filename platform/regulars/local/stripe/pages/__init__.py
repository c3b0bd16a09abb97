"""What a person sees and clicks: checkout, 3-D Secure, the portal, invoices, the operator."""
