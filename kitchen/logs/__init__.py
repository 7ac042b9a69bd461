"""Order logs: reading an export, its evenings and their replay; and a scenario fitted to them."""
