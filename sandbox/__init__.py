"""Runs a stranger's Python script in a forked, jailed child; needs the standard library only.

`host` is the trusted side (a worker imports it), `guest` the side inside, `protocol` what they say to each other.
This module imports nothing: the zygote loads the package too, and must not carry the host along.
"""
