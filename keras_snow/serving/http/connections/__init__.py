"""Connections: how many there are, and how long they may take."""
