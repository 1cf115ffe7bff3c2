"""How Django's own pages write times, by language: as all others do, so that no page mixes two ways."""
