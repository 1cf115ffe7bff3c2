"""The file of the certificate authorities that this host trusts."""

from __future__ import annotations

import importlib.util
import os
import ssl

# Where distributions keep it, in a place that OpenSSL is not always built with.
_USUAL = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


def certificates_file() -> str:
    """Return the system's file (or SSL_CERT_FILE's), otherwise that of the package certifi; "" if there is none."""
    package = importlib.util.find_spec("certifi")
    packaged = list(package.submodule_search_locations or ()) if package else []
    candidates = (
        os.environ.get("SSL_CERT_FILE", ""),
        ssl.get_default_verify_paths().cafile or "",
        *_USUAL,
        *(os.path.join(path, "cacert.pem") for path in packaged),
    )
    return next((os.path.realpath(path) for path in candidates if os.path.isfile(path)), "")
