"""Names of readers and events, hashed to 64 bits: enough to count once, useless to find a reader again.

A signed 64-bit integer is what Redis keeps in an intset at 8 bytes a member (9 MB for a million views).
"""

import hashlib
import hmac
import ipaddress


def daily_salt(secret: bytes, day: int) -> bytes:
    """The salt of one day in Dhaka (days since 1970). Days cannot be linked by who does not know `secret`."""
    return hmac.digest(secret, b"viewers of day %d" % day, hashlib.sha256)


def viewer_hash(salt: bytes, viewer: str, article_id: str) -> int:
    """Of a reader and an article on the day of `salt`: one reader counts once a day for an article."""
    return _signed_64_bits(salt, viewer, article_id)


def event_hash(source: str, event_id: str) -> int:
    """Of an event's identity: CloudEvents says that source and id together are unique."""
    return _signed_64_bits(b"", source, event_id)


def anonymous_viewer(address: str, user_agent: str) -> str:
    """What stands for a reader who brings no name; only ever a part of `viewer_hash`, never stored.

    The last 64 bits of an IPv6 address change by themselves several times a day, so they are left out.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        network = address
    else:
        mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
        bits = 64 if parsed.version == 6 and mapped is None else 32
        network = str(ipaddress.ip_network((mapped or parsed, bits), strict=False))
    return f"{network}\x00{user_agent}"


def _signed_64_bits(key: bytes, first: str, second: str) -> int:
    # The length keeps ("ab", "c") apart from ("a", "bc").
    named = first.encode()
    message = len(named).to_bytes(4, "little") + named + second.encode()
    return int.from_bytes(hashlib.blake2b(message, digest_size=8, key=key).digest(), "little", signed=True)
