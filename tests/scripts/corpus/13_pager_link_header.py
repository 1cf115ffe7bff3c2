"""Walk through an API that names its next page in the Link header, and keep what is needed."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests


def walk(session: requests.Session, url: str) -> Iterator[dict[str, Any]]:
    while url:
        response = session.get(url, timeout=30)
        response.raise_for_status()
        yield from response.json()["items"]
        url = response.links.get("next", {}).get("url", "")


def main() -> None:
    with requests.Session() as session:
        session.headers["Accept"] = "application/json"
        orders = list(walk(session, "http://site.example/api/orders?page=1&size=20"))
    refunded = [order for order in orders if order["status"] == "refunded"]
    print(f"{len(orders)} orders, {len(refunded)} refunded")
    print(f"largest: {max(orders, key=lambda order: (order['amount'], order['id']))}")


if __name__ == "__main__":
    main()
