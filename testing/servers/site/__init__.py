"""A stand-in for the websites that people's scripts call: check-in, shop, weather, feeds, an order API and a robot."""

from testing.servers.site.server import Site

__all__ = ["Site"]
