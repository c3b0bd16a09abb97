"""Follow-up plans (C5, C6): what starts them, their steps as tasks, what ends them."""
