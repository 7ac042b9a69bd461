"""Learning: tuning the numbers of a rule, selecting the best strategy, learning one from a template."""
