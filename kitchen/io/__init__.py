"""Files: strict readers, atomic writers, and CSV with a Table Schema."""
