import pytest
from pytest_django.fixtures import Settings

from common import outbound
from common.http import AddressRefusedError, Client

from .http.raw_server import RawServer, ok, says

FAR = "http://1.1.1.1/far"


def test_requests_go_by_the_operators_proxy_which_may_be_private(settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ()
    with RawServer(says(ok(b"by proxy"))) as proxy:
        settings.OUTBOUND_PROXY_URL = proxy.url
        assert Client(outbound.policy()).request("GET", FAR).content == b"by proxy"


def test_a_tenants_own_proxy_comes_first_and_is_judged(settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ()
    with RawServer(says(ok(b""))) as proxy:
        settings.OUTBOUND_PROXY_URL = proxy.url
        with pytest.raises(AddressRefusedError):
            Client(outbound.policy("http://127.0.0.2:3128")).request("GET", FAR)
    assert proxy.requests == []
