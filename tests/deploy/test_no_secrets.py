"""No file of the project holds what looks like a real credential.

Formats only: words like `password = …` and strings that look random are half of what tests are made of.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

from platform_site.config.data_dir import BASE_DIR

DETECTORS = (
    *("ArtifactoryDetector", "AWSKeyDetector", "AzureStorageKeyDetector", "DiscordBotTokenDetector"),
    *("GitHubTokenDetector", "GitLabTokenDetector", "JwtTokenDetector", "MailchimpDetector", "NpmDetector"),
    *("OpenAIDetector", "PrivateKeyDetector", "PypiTokenDetector", "SendGridDetector", "SlackDetector"),
    *("SquareOAuthDetector", "StripeDetector", "TelegramBotTokenDetector", "TwilioKeyDetector"),
)
OURS = {
    "DingTalk robot": r"access_token=[0-9a-f]{64}\b",
    "DingTalk sign secret": r"\bSEC[0-9a-f]{64}\b",
    "WeCom robot": r"webhook/send\?key=[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
    "Feishu robot": r"/hook/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
    "Dify app": r"\bapp-[A-Za-z0-9]{24}\b",
    "Fernet key": r"(?<![\w/+-])[\w-]{43}=(?![\w=])",
}
LEFT_OUT = {".git", ".venv", ".data", "node_modules", "__pycache__", "images", "static", "test-results"}
# Made up, each looked at.
MADE_UP = {
    ("common/tests/redact/test_urls.py", "Slack Token"),
    ("common/tests/redact/test_urls.py", "Feishu robot"),
    ("notifications/tests/test_destination_keys.py", "Feishu robot"),
    ("tests/settings.py", "Fernet key"),
}


def files() -> list[Path]:
    found = (path for path in BASE_DIR.rglob("*") if path.is_file() and path.suffix not in (".png", ".mo"))
    return [
        path
        for path in found
        if not LEFT_OUT & set(path.relative_to(BASE_DIR).parts)
        and not any(part.endswith("_cache") for part in path.relative_to(BASE_DIR).parts)
        and path.relative_to(BASE_DIR).parts[0] not in (".hypothesis", "locale")
        and not (path.parent.name == "requirements" and path.suffix == ".txt")
    ]


def found(path: Path) -> set[str]:
    """Kinds of credentials in the file."""
    secrets = SecretsCollection()
    with transient_settings({"plugins_used": [{"name": name} for name in DETECTORS]}):
        secrets.scan_file(str(path))
    kinds = {secret.type for _, secret in secrets}
    text = path.read_text(errors="replace")
    return kinds | {kind for kind, pattern in OURS.items() if re.search(pattern, text)}


def test_no_file_holds_a_credential() -> None:
    hits = {(str(path.relative_to(BASE_DIR)), kind) for path in files() for kind in found(path)}
    assert hits - MADE_UP == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "Private Key"),
        ("AKIA" + "IOSFODNN7EXAMPLE", "AWS Access Key"),
        ("https://oapi.dingtalk.com/robot/send?access_" + "token=" + "0a" * 32, "DingTalk robot"),
        ("key: app-" + "aB3" * 8, "Dify app"),
        ("ENCRYPTION_KEYS=" + "x" * 43 + "=", "Fernet key"),
    ],
)
def test_one_would_be_found(tmp_path: Path, text: str, kind: str) -> None:
    (tmp_path / "config.txt").write_text(f"first line\n{text}\n")
    assert kind in found(tmp_path / "config.txt")
