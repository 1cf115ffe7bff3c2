"""What a script imports: the modules beside it, and the packages that it needs."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from platform_site.importing.scripts.folder import Script, ScriptFolder, UnusableScriptError

MAX_MODULES = 200
# Packages whose name is not that of the module that they contain.
PACKAGES = {
    "bs4": "beautifulsoup4", "Crypto": "pycryptodome", "Cryptodome": "pycryptodomex", "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil", "docx": "python-docx", "dotenv": "python-dotenv", "execjs": "PyExecJS",
    "fitz": "PyMuPDF", "google.protobuf": "protobuf", "jwt": "PyJWT", "MySQLdb": "mysqlclient", "OpenSSL": "pyOpenSSL",
    "PIL": "Pillow", "pptx": "python-pptx", "serial": "pyserial", "skimage": "scikit-image", "sklearn": "scikit-learn",
    "socks": "PySocks", "telegram": "python-telegram-bot", "websocket": "websocket-client", "yaml": "PyYAML",
    "zmq": "pyzmq",
}  # fmt: skip
# Packages that public scripts commonly use. Any other name might be a module of one's own, and a stranger's package.
COMMON = {
    "aiohttp", "APScheduler", "arrow", "chinesecalendar", "feedparser", "fake-useragent", "httpx", "Jinja2", "jieba",
    "loguru", "lxml", "Markdown", "matplotlib", "numpy", "openpyxl", "pandas", "psutil", "pydantic", "PyMySQL", "pytz",
    "redis", "requests", "requests-toolbelt", "rich", "SQLAlchemy", "tenacity", "tqdm", "urllib3", "xlrd", "XlsxWriter",
    "xmltodict",
}  # fmt: skip


@dataclass
class Imports:
    """`scripts` are the script and the modules beside it, `names` all that they import, dotted.

    `beside` maps the dotted name of each of these modules to its source, "" for a folder of modules. `packages` are
    the packages that are needed besides Python itself.
    """

    scripts: list[Script]
    beside: dict[str, str] = field(default_factory=dict)
    packages: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


def imports_of(script: Script, folder: ScriptFolder, stand_ins: Iterable[str] = ()) -> Imports:
    """Find what the script imports, and what the modules beside it import in turn.

    `stand_ins` are modules that are there without a file. Raises UnusableScriptError.
    """
    found, here = Imports([script]), script.path.parent
    pending = list(_names(script.tree, ""))
    while pending:
        name = pending.pop()
        top = name.partition(".")[0]
        if name in found.names or top in stand_ins:
            found.names.update((name, top))
            continue
        found.names.add(name)
        for prefix in _prefixes(name):
            if prefix not in found.beside and (path := _file_of(prefix, here, folder)):
                module = folder.script(path)
                found.scripts.append(module)
                found.beside[prefix] = module.text
                package = prefix if path.name == "__init__.py" else prefix.rpartition(".")[0]
                pending += _names(module.tree, package)
        if len(found.scripts) > MAX_MODULES:
            raise UnusableScriptError(f"It imports more than {MAX_MODULES} modules of its folder.")
    _add_folders(found.beside)
    tops = {name.partition(".")[0] for name in found.names}
    others = tops - {*stand_ins, *sys.stdlib_module_names} - found.beside.keys()
    found.packages = {PACKAGES.get(name, name) for name in others}
    return found


def _names(tree: ast.Module, package: str) -> Iterator[str]:
    """Yield the dotted names that are imported: for `from a import b` both a and a.b, which may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*filter(None, base), *([node.module] if node.module else [])])
            if module:
                yield module
            yield from (f"{module}.{alias.name}".lstrip(".") for alias in node.names if alias.name != "*")


def _prefixes(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _file_of(name: str, here: Path, folder: ScriptFolder) -> Path | None:
    base = here.joinpath(*name.split("."))
    candidates = (base / "__init__.py", base.with_name(f"{base.name}.py"))
    return next((path for path in candidates if folder.holds(path)), None)


def _add_folders(modules: dict[str, str]) -> None:
    """Add the folders without an __init__.py, which are packages as well."""
    for name in [*modules]:
        for prefix in _prefixes(name)[:-1]:
            modules.setdefault(prefix, "")


def normalized(package: str) -> str:
    """Return a package's name as the package index compares names."""
    return re.sub(r"[-_.]+", "-", package).lower()


KNOWN_PACKAGES = {normalized(name): name for name in {*PACKAGES.values(), *COMMON}}
