"""What every REST endpoint shares: problems, strict bodies, pages, answers."""
