"""The pages of runs: the list with its filters and acts (`admin`, `bulk`), and a run's page (`page`) with its parts."""
