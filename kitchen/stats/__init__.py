"""Confidence intervals and group-sequential limits; arrays and frames in, tables out."""
