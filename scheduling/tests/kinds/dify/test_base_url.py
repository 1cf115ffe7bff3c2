import pytest

from scheduling.kinds.dify.client import MisconfiguredError, normalize_base_url


@pytest.mark.parametrize(
    "pasted",
    [
        "https://dify.example",
        "https://dify.example/",
        " https://dify.example/v1 ",
        "https://dify.example/v1/",
        "https://dify.example/v1/workflows/run",
        "https://dify.example/v1/workflows/run/",
        "https://dify.example/v1/workflows/1e1deff4-2ccc-4ebb-b6a6-c8b0066a85c5/run",
        "https://dify.example/v1/workflows/run?x=1#top",
        "https://dify.example/v1/chat-messages",
        "https://dify.example/v1/completion-messages",
        "https://dify.example/v1/parameters",
        "https://dify.example/workflows/run",
    ],
)
def test_whatever_is_pasted_means_the_same_api(pasted: str) -> None:
    assert normalize_base_url(pasted) == "https://dify.example/v1"


def test_port_and_prefix_are_kept() -> None:
    assert (
        normalize_base_url("http://10.0.0.5:8080/ai/dify/v1/workflows/run")
        == "http://10.0.0.5:8080/ai/dify/v1"
    )


@pytest.mark.parametrize(
    "pasted", ["", "dify.example", "ftp://dify.example/v1", "https:///v1", "http://[::1"]
)
def test_what_is_no_url_is_said_to_be_none(pasted: str) -> None:
    with pytest.raises(MisconfiguredError, match="URL"):
        normalize_base_url(pasted)
