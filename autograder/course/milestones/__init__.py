"""The figures that notebooks print about their milestones, measured again: one module per topic with `measure`."""
