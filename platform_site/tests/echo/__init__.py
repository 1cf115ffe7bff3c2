"""A kind of task as a newcomer would add it: test_adding_a_kind.py puts this folder among the kinds of a copy."""
