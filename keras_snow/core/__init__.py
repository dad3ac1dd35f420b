"""Words shared by all parts: registry, serialisation, checks, files."""
