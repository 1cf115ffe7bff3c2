"""A type of channel as a newcomer would add it: test_adding_a_channel.py puts these files into a copy."""
