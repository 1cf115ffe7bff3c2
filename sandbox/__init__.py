"""Runs an untrusted Python script in a forked, jailed child; needs the standard library only.

`host` is the trusted side, which a worker imports; `guest` is the side inside the jail; `protocol` holds the messages
between them. This module imports nothing: the zygote loads the package too, and must not load the host with it.
"""
