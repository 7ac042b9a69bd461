"""Pictures that the browser draws: what is sent there, and pages that need no kernel."""
