"""The product's settings with keys that only tests know; everything else as an operator gets it."""

import os
import tempfile
from pathlib import Path

from testing.ports import free_port

DATA = Path(tempfile.gettempdir()) / "platform-tests"

os.environ.setdefault("PLATFORM_DATA_DIR", str(DATA))
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("ENCRYPTION_KEYS", "dGVzdHMtb25seS1rZXktdGVzdHMtb25seS1rZXktMTI=")
os.environ.setdefault("OUTBOUND_ALLOWED_NETWORKS", "127.0.0.0/8")
# Never the developer's: tests empty it. conftest.py starts a server there, one for each process of a parallel run.
os.environ["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0"

from platform_site.config.settings import *  # noqa: E402, F403
from platform_site.config.settings import DATABASES  # noqa: E402

# A file, not memory: races are tested with several connections, as they happen. One for each process.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATA.mkdir(exist_ok=True)
    DATABASES["default"]["TEST"] = {"NAME": str(DATA / f"test-{os.getpid()}.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
