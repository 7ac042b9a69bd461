"""Paired comparisons of strategies, their verdict, and the clairvoyant bound."""
