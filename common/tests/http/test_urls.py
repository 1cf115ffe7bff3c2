import pytest

from common.http.errors import AddressRefusedError, InvalidUrlError
from common.http.urls import follow, parse_proxy, parse_target


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0/",
        "http://1.1.1.1./",
        "http://256.1.1.1/",
        "http://example.0x/",
    ],
)
def test_a_number_that_inet_aton_would_take_for_an_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        parse_target(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "//example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "http:///path",
        "http:example.com",
        "http://user@127.0.0.1/",
        "http://example.com:pw@127.0.0.1/",
        "http://example.com\\@127.0.0.1/",
        "http://example.com /",
        "http://example.com/\r\nHost: other",
        "http://example.com/a\tb",
        "http://example.com/\u2028",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://example.com:80a/",
        "http://a..b/",
        "http://.example.com/",
        "http://" + "a" * 64 + ".com/",
        "http://[fe80::1%25eth0]/",
        "http://[::1/",
        "http://１２７.0.0.1/",
        "http://①②⑦.0.0.1/",
    ],
)
def test_a_url_that_could_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(InvalidUrlError):
        parse_target(url)


def test_a_percent_encoded_host_is_judged_by_the_address_it_spells() -> None:
    assert str(parse_target("http://%31%32%37.0.0.1/").literal) == "127.0.0.1"


def test_names_and_paths_are_written_as_the_wire_takes_them() -> None:
    target = parse_target("HTTPS://例え.JP/ü/../日报?q=日#top")
    assert target.url == "https://xn--r8jz45g.jp/%E6%97%A5%E6%8A%A5?q=%E6%97%A5"


def test_a_text_of_params_is_read_as_part_of_the_url() -> None:
    assert parse_target("http://x/a?b=1#top", "c=%20&d").path == "/a?b=1&c=%20&d"
    for smuggled in ("a=1 HTTP/1.1\r\nX-Key: k", "a=1 b", "a=\x00"):
        with pytest.raises(InvalidUrlError):
            parse_target("http://x/", smuggled)


def test_params_are_added_to_the_query() -> None:
    assert parse_target("http://a.com/x?y=1", {"z": "ä b", "n": 2}).path == "/x?y=1&z=%C3%A4+b&n=2"
    assert parse_target("http://a.com", {"z": "1"}).path == "/?z=1"


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://a.com", "a.com"),
        ("https://a.com:443", "a.com"),
        ("https://a.com:80", "a.com:80"),
        ("http://[2400:3200::1]:8080/", "[2400:3200::1]:8080"),
    ],
)
def test_the_host_header_names_the_port_only_where_it_is_unusual(url: str, authority: str) -> None:
    assert parse_target(url).authority == authority


def test_a_redirect_obeys_the_same_rules() -> None:
    target = parse_target("https://a.com/x/y?z")
    assert follow(target, "../w").url == "https://a.com/w"
    assert follow(target, "//b.com").url == "https://b.com/"
    for location in ("file:///etc/passwd", "http://u@b.com/", "http://[::1"):
        with pytest.raises(InvalidUrlError):
            follow(target, location)


def test_a_proxy_password_is_not_in_the_repr() -> None:
    proxy = parse_proxy("http://user:s3cret@proxy.example:3128")
    assert proxy.userinfo == "user:s3cret"
    assert "s3cret" not in repr(proxy)


def test_a_proxy_speaks_plain_http() -> None:
    with pytest.raises(InvalidUrlError):
        parse_proxy("socks5://proxy.example:1080")
