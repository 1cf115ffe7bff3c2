"""http_request and http_session: the same lines do what they do with the library requests."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest
import requests

from common.http import CancelSwitch, Policy
from sandbox.host.runner import Result, Runner, Script
from scheduling.grants.http import Http
from testing.servers.mirror import Mirror

LOOPBACK = (ip_network("127.0.0.0/8"),)

# Each is run with `s = requests.Session()`, and in the sandbox with `s = http_session()`.
BODIES = {
    "pairs": "s.post(URL, data=[('k', 1), ('k', 'ä b'), ('x', '&=')])",
    "a list of values": "s.post(URL, data={'k': [1, 2], 'none': None, 'flag': True})",
    "a form of bytes": "s.post(URL, data={b'k': b'\\xff'})",
    "a form with its own type": "s.post(URL, data={'k': 1}, headers={'content-type': 'text/x-own'})",
    "an empty form": "s.post(URL, data={})",
    "text": "s.post(URL, data='文本 & text')",
    "bytes": "s.post(URL, data=b'\\xff\\x00')",
    "json": "s.post(URL, json={'名': [1, None]})",
    "an empty json": "s.put(URL, json={})",
    "data before json": "s.post(URL, data={'k': 1}, json={'k': 2})",
    "nothing": "s.post(URL)",
}
QUERIES = {
    "a dict": "s.get(URL, params={'q': ['a', 'b'], 'none': None, '名': '值 1'})",
    "pairs": "s.get(URL, params=[('a', 1), ('a', 2)])",
    "text": "s.get(URL, params='a=1&b=x y')",
    "beside its own": "s.get(URL + '?own=1', params={'a': 2})",
    "a fragment": "s.get(URL + '?own=1#top', params={'a': 2})",
    "a space in the address": "s.get(URL + '/a b')",
}
METHODS = {
    method: f"s.{method.lower()}(URL, data='x')" for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "GET")
} | {
    "HEAD": "s.head(URL + '?status=302&to=/elsewhere')",
    "any": "s.request('post', URL, data='x')",
}
HEADERS = {
    "base headers": "s.headers.update({'X-Base': 'b'}) or s.get(URL)",
    "replaced": "s.headers.update({'X-Base': 'b'}) or s.get(URL, headers={'x-base': 'own'})",
    "removed": "s.headers.update({'X-Base': 'b'}) or s.get(URL, headers={'X-BASE': None})",
}
COOKIES = {
    "kept": "s.get(URL + '?cookie=a=1&cookie=b=2') and s.get(URL)",
    "by path": "s.get(URL + '/in/?cookie=a=1; Path=/in') and s.get(URL + '/in/x')",
    "not above the path": "s.get(URL + '/in/?cookie=a=1; Path=/in') and s.get(URL + '/out')",
    "by the default path": "s.get(URL + '/in/deep?cookie=a=1') and s.get(URL + '/out')",
    "expired": "s.get(URL + '?cookie=a=1') and s.get(URL + '?cookie=a=; Max-Age=0') and s.get(URL)",
    "secure": "s.get(URL + '?cookie=a=1; Secure') and s.get(URL)",
    "of a foreign domain": "s.get(URL + '?cookie=a=1; Domain=example.com') and s.get(URL)",
    "not to another host": "s.get(URL + '?cookie=a=1') and s.get(OTHER)",
    "set on the way": "s.post(URL + '?status=302&to=/home&cookie=a=1', data='x')",
    "not on the way to another host": "s.get(URL + f'?status=302&cookie=a=1&to={OTHER}/')",
    "of the other host": "s.get(URL + f'?status=302&to={OTHER}/?cookie=b=2') and s.get(OTHER)",
    "set by hand": "s.cookies.set('a', '1') and None or s.cookies.update({'b': '2'}) or s.get(URL)",
    "by an own header": "s.get(URL + '?cookie=a=1') and s.get(URL, headers={'Cookie': 'own=1'})",
}
REDIRECTS: dict[str, str] = {
    f"{method} {status}": f"s.{method}(URL + '?status={status}&to=/next%3Fx=1', data='k', headers={{'X-Key': 'k'}})"
    for status in (301, 302, 303, 307, 308)
    for method in ("get", "post", "put")
} | {
    "HEAD": "s.request('HEAD', URL + '?status=303&to=/next')",
    "not followed": "s.get(URL + '?status=302&to=/next', allow_redirects=False)",
    "a key of the first host": "s.get(URL + f'?status=302&to={OTHER}/', headers={'Authorization': 'key'})",
    "a key on the same host": "s.get(URL + '?status=302&to=/next', headers={'Authorization': 'key'})",
    "beyond ASCII": "s.get(URL, params={'status': 302, 'to': '/%E4%B8%AD'})",
}
TOLD = {
    "the reason": "s.get(URL + '?status=404&reason=Gone+Fishing')",
    "the server's encoding": "s.get(URL + '?type=text/plain; charset=GBK')",
    "cookies of an answer": "s.get(URL + '?cookie=a=1&cookie=b=2')",
}
LINES = {
    f"{what}: {name}": line
    for what, lines in {
        "body": BODIES, "query": QUERIES, "method": METHODS, "headers": HEADERS, "cookies": COOKIES,
        "redirect": REDIRECTS, "told": TOLD,
    }.items()
    for name, line in lines.items()
}  # fmt: skip
SHOW = """
result = {
    'answer': r.json() if r.content else None, 'status': r.status_code, 'ok': r.ok, 'reason': r.reason,
    'encoding': r.encoding, 'url': r.url.partition('#')[0],
    'cookies': r.cookies.get_dict(), 'jar': sorted(dict(s.cookies).items()),
    'history': [(old.status_code, old.url) for old in r.history],
}
"""


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, str]]:
    with Mirror() as site, Mirror("127.0.0.2") as other:
        yield {"URL": site.url, "OTHER": other.url}


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[..., Result]]:
    with Runner() as runner:

        def run(source: str, seconds: float = 30, **params: Any) -> Result:
            http = Http(
                lambda _: Policy(LOOPBACK, total_seconds=seconds, read_seconds=seconds), CancelSwitch()
            )
            given = "".join(f"{name} = get_param({name!r})\n" for name in params)
            script = Script(given + source, params=params)
            return runner.run(script, grants={"http_request": http.http_request})

        yield run


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_line_does_what_it_does_with_requests(
    run: Callable[..., Result], sites: dict[str, str], line: str
) -> None:
    with requests.Session() as session:
        names: dict[str, Any] = {"s": session, **sites}
        exec(f"r = {line}{SHOW}", names)
    result = run(f"s = http_session()\nr = {line}{SHOW}", **sites)
    assert result.error == ""
    theirs = {**names["result"], "history": [list(old) for old in names["result"]["history"]]}
    assert result.result == {**theirs, "jar": [list(pair) for pair in theirs["jar"]]}


def test_a_cookie_set_by_hand_stays_with_the_host_that_was_asked(
    run: Callable[..., Result], sites: dict[str, str]
) -> None:
    """With requests it goes wherever an answer redirects to."""
    source = """
s = http_session()
s.cookies['own'] = '1'
result = [s.get(url).json()['headers'].get('cookie') for url in (URL, URL + f'?status=302&to={OTHER}/', OTHER)]
"""
    assert run(source, **sites).result == ["own=1", None, "own=1"]


def test_one_request_keeps_no_cookies_for_the_next(run: Callable[..., Result], sites: dict[str, str]) -> None:
    source = "http_get(URL + '?cookie=a=1')\nresult = http_get(URL).json()['headers']"
    assert run(source, **sites).result == {}


def test_the_seeds_two_go_through_the_same_door(run: Callable[..., Result], sites: dict[str, str]) -> None:
    source = """
got = http_get(URL, {'X-Key': 'k'}, {'q': [1, 2]}).json()
sent = http_post(URL, {'k': [1, 2]}, None, {'X-Key': 'k'}, timeout=(3, 5)).json()
result = [got['path'], got['headers'], sent['body'], sent['headers']]
"""
    form = {"content-type": "application/x-www-form-urlencoded", "x-key": "k"}
    assert run(source, **sites).result == ["/?q=1&q=2", {"x-key": "k"}, "k=1&k=2", form]


def test_an_encoding_can_be_set(run: Callable[..., Result], sites: dict[str, str]) -> None:
    source = """
r = http_post(URL + '?type=text/plain; charset=latin-1', data='é'.encode())
wrong = r.json()['body']
r.encoding = 'utf-8'
result = [wrong == r.json()['body'], 'body' in r.text, r.elapsed > timedelta(0), r.elapsed < timedelta(minutes=1)]
"""
    assert run(source, **sites).result == [True, True, True, True]


def test_an_open_file_is_a_body(run: Callable[..., Result], sites: dict[str, str]) -> None:
    source = """
with open('a.txt', 'w') as file:
    file.write('content')
with open('a.txt', 'rb') as file:
    result = http_request('put', URL, data=file).json()['body']
"""
    assert run(source, **sites).result == "content"


@pytest.mark.parametrize("data", ["[{'a': 1, 'b': 2, 'c': 3}]", "5", "[1, 2]"])
def test_what_is_no_body_is_refused_in_words(run: Callable[..., Result], data: str) -> None:
    assert (
        "TypeError: data must be a form (a dict or a list of pairs)"
        in run(f"http_post('http://x', {data})").error
    )


def test_a_query_can_smuggle_nothing(run: Callable[..., Result], sites: dict[str, str]) -> None:
    source = "result = http_get(URL, params='a=1 HTTP/1.1\\r\\nX-Key: smuggled').json()"
    assert run(source, **sites).result["headers"] == {}


def test_endless_redirects_end(run: Callable[..., Result], sites: dict[str, str]) -> None:
    error = run("http_get(URL, params={'status': 302, 'to': '#'})", **sites).error
    assert error.endswith("TooManyRedirectsError: more than 30 redirects")


class TestTimeout:
    @pytest.mark.parametrize("timeout", ["0.05", "(5, 0.05)", "[None, 0.05]"])
    def test_it_is_the_wait_for_a_byte(self, run: Callable[..., Result], timeout: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            error = run(f"http_session().put({url!r}, timeout={timeout})").error
        assert error.endswith("ReadTimeoutError: no byte for 0.05 s")

    def test_it_never_lasts_longer_than_the_run(self, run: Callable[..., Result]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            error = run(f"http_get({url!r}, timeout=1e9)", seconds=0.1).error
        assert "DeadlineExceededError: the time limit of the request is over" in error

    @pytest.mark.parametrize("timeout", ["0", "-1", "'5'", "True", "(1, 2, 3)", "()", "(0, 1)"])
    def test_what_is_no_time_is_refused_in_words(self, run: Callable[..., Result], timeout: str) -> None:
        error = run(f"http_get('http://127.0.0.1/', timeout={timeout})").error
        assert error.endswith("ValueError: timeout must be a number of seconds above 0, or (connect, read)")
