"""Logs of real orders: what is in them, and a scenario that is fitted to one."""
