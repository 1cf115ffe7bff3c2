"""Python scripts from elsewhere: read from a folder, and made to run in the sandbox as they are."""
