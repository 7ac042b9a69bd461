"""Reading and writing files: complete or not at all."""
