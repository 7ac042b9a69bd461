"""Random numbers, traces, and the compiled simulation kernel that runs batches of replications."""
