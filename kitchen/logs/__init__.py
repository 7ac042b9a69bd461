"""Order logs: reading an export, its problems and its evenings, and their replay."""
