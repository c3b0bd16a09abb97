"""Pages of the team: who works here, where, as what; invitations, PINs, leaving."""
