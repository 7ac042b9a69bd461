"""What a kitchen should change: levers, ranked by what they gain."""
