"""A site with two feeds, each of one article: /rss and /atom."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

from testing.servers.threaded import Threaded

RSS = """<rss version="2.0"><channel><title>A</title>
<item><title>First</title><link>http://a/1</link><description>About one.</description></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>B</title>
<entry><title>第二</title><link href="http://b/2"/><summary>About two.</summary></entry></feed>"""


class Feed(Threaded):
    def __init__(self) -> None:
        super().__init__(_Handler)
        self.url = f"http://127.0.0.1:{self.port}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        text = {"/rss": RSS, "/atom": ATOM}.get(self.path)
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", "application/xml; charset=utf-8")
        self.end_headers()
        self.wfile.write((text or "").encode())

    def log_message(self, *_: object) -> None:
        pass
