"""What all REST endpoints share: problems, strict bodies, pages, responses."""
