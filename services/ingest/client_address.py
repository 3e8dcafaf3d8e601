"""Whose request is it? The address that limits and reader hashes go by; it is never stored or logged."""

from collections.abc import Iterable
from ipaddress import IPv6Address, IPv6Network, ip_address

from starlette.types import Scope


def client_address(scope: Scope, *, trusted_proxies: int) -> str:
    """The address of the client, or of its proxy when nothing more is known.

    Each proxy appends the address that it saw to X-Forwarded-For, so with `trusted_proxies` of our own in front
    the client's address is the so-manieth from the right; what stands left of it anybody can make up.
    """
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    if not trusted_proxies:
        return peer
    forwarded = _forwarded_for(scope["headers"])
    if len(forwarded) < trusted_proxies:
        return peer
    address = forwarded[-trusted_proxies]
    try:
        ip_address(address)
    except ValueError:
        return peer
    return address


def subscriber(address: str) -> str:
    """What stands for one subscriber: an IPv4 address, or the /64 network that an IPv6 subscriber owns."""
    if ":" not in address:
        return address
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed) >> 64 << 64, 64)))


def _forwarded_for(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    values = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"]
    return [part.strip() for value in values for part in value.split(",")]
