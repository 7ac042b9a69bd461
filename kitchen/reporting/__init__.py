"""The waste report: one HTML page, its tables and its manifest."""
