"""How much shelf is enough: layouts, search, proof."""
