"""Tasks as a YAML document, out and in; imports from other schedulers and from the two old systems."""
