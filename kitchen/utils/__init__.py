"""Helpers that know nothing of kitchens: validation, formatting, HTML, schemas, compiling, the system."""
