"""Scripts as people have them: each must do here what it does under python3."""
