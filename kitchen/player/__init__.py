"""Replications played in the browser: what is sent there, and pages that need no kernel."""
