"""Tasks as a YAML document, out and in; imports from the databases of the two systems that this platform replaces."""
