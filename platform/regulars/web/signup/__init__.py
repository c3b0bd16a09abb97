"""The pages a chain signs up on: the form, the confirmation, the way into the workspace."""
