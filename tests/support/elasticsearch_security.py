"""Elasticsearch with its doors locked: users and roles in files, a service token, TLS from a CA of its own."""

import base64
import hashlib
import os
import ssl
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ADMIN: Final = "admin"
ADMIN_PASSWORD: Final = "correct horse battery"
READER: Final = "reader"
READER_PASSWORD: Final = "only looks and never writes"
# The only accounts that may have tokens in files are built in; none of them may touch indices of ours.
SERVICE_ACCOUNT: Final = "elastic/fleet-server"
_TOKEN_NAME: Final = "khobor"
_TOKEN_SECRET: Final = "a token kept in a file"
_READER_ROLE: Final = """\
reads_khobor:
  cluster: [monitor]
  indices:
    - names: ['*']
      privileges: [read, view_index_metadata]
"""


@dataclass
class Security:
    """What `ElasticsearchServer` writes into its settings folder; the admin may do everything, the reader reads."""

    tls: bool = True
    _ca: Path | None = field(default=None, init=False)

    @property
    def authorization(self) -> str:
        """Value of the header with which the server's own health is asked."""
        return "Basic " + base64.b64encode(f"{ADMIN}:{ADMIN_PASSWORD}".encode()).decode()

    @property
    def service_token(self) -> str:
        """Elasticsearch's form: version bytes, then account/name:secret."""
        named = f"{SERVICE_ACCOUNT}/{_TOKEN_NAME}:{_TOKEN_SECRET}"
        return base64.b64encode(b"\x00\x01\x00\x01" + named.encode()).decode()

    @property
    def ca_file(self) -> Path:
        if self._ca is None:
            raise RuntimeError("only known with tls, and after write()")
        return self._ca

    def ssl_context(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=str(self.ca_file)) if self.tls else None

    def write(self, config: Path) -> dict[str, str]:
        """Write the files into the folder of elasticsearch.yml; returns the settings that go into it."""
        (config / "users").write_text(
            f"{ADMIN}:{_hashed(ADMIN_PASSWORD)}\n{READER}:{_hashed(READER_PASSWORD)}\n", encoding="utf-8"
        )
        (config / "users_roles").write_text(f"superuser:{ADMIN}\nreads_khobor:{READER}\n", encoding="utf-8")
        (config / "roles.yml").write_text(_READER_ROLE, encoding="utf-8")
        (config / "service_tokens").write_text(
            f"{SERVICE_ACCOUNT}/{_TOKEN_NAME}:{_hashed(_TOKEN_SECRET)}\n", encoding="utf-8"
        )
        settings = {"xpack.security.enabled": "true", "xpack.security.transport.ssl.enabled": "false"}
        if self.tls:
            self._ca = _make_certificates(config)
            settings |= {
                "xpack.security.http.ssl.enabled": "true",
                "xpack.security.http.ssl.key": "server.key",
                "xpack.security.http.ssl.certificate": "server.crt",
            }
        return settings


def _hashed(password: str) -> str:
    """Elasticsearch's PBKDF2 form, so that no virtual machine has to start for `elasticsearch-users`."""
    cost, salt = 10_000, os.urandom(32)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, cost, dklen=32)
    return f"{{PBKDF2}}{cost}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _make_certificates(folder: Path) -> Path:
    """A CA, and a certificate that it signed for 127.0.0.1, both valid for two days; returns the CA's file."""
    ca, ca_key = folder / "ca.crt", folder / "ca.key"
    _openssl(ca, ca_key, "/CN=Khobor test CA", ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"])
    _openssl(
        folder / "server.crt",
        folder / "server.key",
        "/CN=khobor-test",
        ["subjectAltName=IP:127.0.0.1,DNS:localhost", "basicConstraints=CA:FALSE"],
        signed_by=("-CA", str(ca), "-CAkey", str(ca_key)),
    )
    return ca


def _openssl(
    certificate: Path, key: Path, subject: str, extensions: Sequence[str], signed_by: Sequence[str] = ()
) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", subject, *signed_by]
    for extension in extensions:
        command += ["-addext", extension]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
