"""Reading single answers; figures over many are head office's (`insights.selectors.surveys`)."""
