"""Where a webhook may go: a target's URL and every address behind its name are checked, at each delivery anew."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

from leadloop.errors import InputError
from leadloop.settings import Settings

LONGEST_URL = 2_000
LAST_PORT = 65_535
_PRINTABLE = re.compile(r"[!-~]+")
_ENDS_IN_A_NUMBER = re.compile(r"(^|\.)(\d+|0[xX][0-9a-fA-F]*)\.?$")
_NAT64 = IPv6Network("64:ff9b::/96")
_TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))  # 6to4 and Teredo lead to an IPv4 address
_SPECIAL = tuple(map(IPv4Network, ("0.0.0.0/8", "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")))
"""This network, protocol assignments (with Oracle's metadata), 6to4 relays, Azure's host: some look public."""

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""A name and a port to addresses."""


class RefusedTargetError(InputError):
    """A webhook can't go there."""


@dataclass(frozen=True)
class Rules:
    """Where webhooks may go."""

    allow_http: bool = False
    allow_private: bool = False
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    ports: tuple[int, ...] = (80, 443, 8080, 8443)

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """As configured."""
        networks, ports = tuple(settings.webhook_networks), tuple(settings.webhook_ports)
        return cls(settings.webhook_allow_http, settings.webhook_allow_private, networks, ports)


@dataclass(frozen=True)
class Place:
    """A URL taken apart. `path`: with its query; `host`: ASCII, an IPv6 address without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header."""
        usual = 443 if self.scheme == "https" else 80
        return _bracketed(self.host) + ("" if self.port == usual else f":{self.port}")

    def at(self, address: str) -> str:
        """The same URL with an address in place of the name."""
        return f"{self.scheme}://{_bracketed(address)}:{self.port}{self.path}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def place(url: str, rules: Rules) -> Place:
    """Take a target's URL apart; where it leads is another question.

    >>> place("https://crm.example/hooks?team=a", Rules())
    Place(scheme='https', host='crm.example', port=443, path='/hooks?team=a')

    Raises: RefusedTargetError.
    """
    read = _read(url)
    if read.scheme != "https" and not (read.scheme == "http" and rules.allow_http):
        raise RefusedTargetError(
            f"url: {read.scheme or 'it'} is not https; write https://… (or see webhook_allow_http)"
        )
    if read.userinfo:
        raise RefusedTargetError("url: leave user and password out; deliveries are signed instead")
    return Place(read.scheme, _host(read), _port(read, rules), read.raw_path.decode())


def _read(url: str) -> httpx.URL:
    if len(url) > LONGEST_URL or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise RefusedTargetError(
            f"url: write at most {LONGEST_URL:,} printable ASCII characters, no spaces, no backslash"
        )
    try:
        read = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise RefusedTargetError(f"url: can't be read ({error}); write one such as https://crm.example/hooks") from None
    if read.fragment:
        raise RefusedTargetError("url: leave the part after # out; it is never sent")
    return read


def _host(read: httpx.URL) -> str:
    """A name, or an address as it is usually written: `127.1`, `0x7f.1` and `2130706433` are addresses in disguise."""
    host = read.raw_host.decode().strip("[]")
    if not host or "%" in host:
        raise RefusedTargetError("url: has no host; write one such as https://crm.example/hooks")
    if ":" not in host and _ENDS_IN_A_NUMBER.search(host) and str(_address(host)) != host:
        raise RefusedTargetError(f"url: {host} is no name and no usual IPv4 address; write four numbers from 0 to 255")
    return host


def _port(read: httpx.URL, rules: Rules) -> int:
    port = read.port if read.port is not None else (443 if read.scheme == "https" else 80)
    if not 0 < port <= LAST_PORT:
        raise RefusedTargetError(f"url: there is no port {port}")
    if rules.ports and port not in rules.ports:
        raise RefusedTargetError(f"url: port {port} is none of webhook_ports ({', '.join(map(str, rules.ports))})")
    return port


def _address(written: str) -> Address | None:
    try:
        return ip_address(written)
    except ValueError:
        return None


async def checked(where: Place, rules: Rules, resolve: Resolve) -> list[str]:
    """The addresses to connect to, of which every one is allowed: one that is not makes the name suspect.

    Raises: RefusedTargetError.
    """
    try:
        found = list(dict.fromkeys(await resolve(where.host, where.port)))
    except (OSError, UnicodeError) as error:
        raise RefusedTargetError(f"url: {where.host} has no address ({error})") from None
    if not found:
        raise RefusedTargetError(f"url: {where.host} has no address")
    for each in found:
        if not allowed(each, rules):
            raise RefusedTargetError(
                f"url: {where.host} leads to {each}, which is not on the public internet;"
                " see webhook_networks for targets inside"
            )
    return found


def allowed(written: str, rules: Rules) -> bool:
    """A webhook may go to the address.

    >>> [allowed(each, Rules()) for each in ("8.8.8.8", "10.0.0.1", "::ffff:10.0.0.1", "169.254.169.254")]
    [True, False, False, False]
    """
    address = _address(written)
    if address is None:  # such as an address with a zone, fe80::1%eth0
        return False
    address = _meant(address)
    if any(address.version == network.version and address in network for network in rules.networks):
        return True
    if _never(address):
        return False
    return address.is_global or (rules.allow_private and (address.is_private or address.is_loopback))


def _meant(address: Address) -> Address:
    """The IPv4 address within an IPv6 address that only wraps one."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _never(address: Address) -> bool:
    """Whatever the settings allow: metadata of clouds, everybody at once, nobody, the future."""
    if address.is_loopback:
        return False
    if isinstance(address, IPv4Address):
        wrong = any(address in network for network in _SPECIAL)
    else:
        wrong = address.is_site_local or any(address in network for network in _TUNNELS)
    special = address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
    return wrong or special


async def by_dns(host: str, port: int) -> Sequence[str]:
    """What the machine's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]
