"""Confidence intervals and sequential limits; arrays and frames in, tables out."""
