"""Tasks in and out: as a YAML document, and from the databases of the two systems that this platform replaces."""
