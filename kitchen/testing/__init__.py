"""Checks of rules that users write."""
