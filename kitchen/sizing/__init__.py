"""Shelf sizing: layouts, the search for the cheapest one, and its proof."""
