"""What an operator does with docker-compose.yml, done with a real engine: `make test-deploy`, a module a journey."""
