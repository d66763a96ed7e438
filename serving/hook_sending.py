"""One attempt at one delivery: signed, to the address that was checked, within a time, its answer hardly read."""

import asyncio
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx
from standardwebhooks import Webhook as Signer

from leadloop.clock import SECOND, from_micros, to_micros
from leadloop.errors import SettingsError
from leadloop.settings import Settings
from leadloop.store.deliveries import Reply
from serving.hook_address import Place, RefusedTargetError, Resolve, Rules, by_dns, checked, place

READ_AT_MOST = 16_384
"""Bytes of an answer; more of it and the connection is closed. Nothing of it is kept or shown."""
LONGEST_RETRY_AFTER = 3_600 * SECOND
ADDRESSES_TRIED = 3


@dataclass(frozen=True)
class Letter:
    """What is sent where. `secrets`: each gives a signature; `at`: when, in microseconds UTC."""

    url: str
    event: str
    body: str
    secrets: list[str]
    at: int

    def headers(self) -> dict[str, str]:
        """Those of Standard Webhooks."""
        moment = from_micros(self.at)
        signatures = " ".join(Signer(secret).sign(self.event, moment, self.body) for secret in self.secrets)
        return {
            "content-type": "application/json",
            "user-agent": "leadloop",
            "webhook-id": self.event,
            "webhook-timestamp": str(self.at // SECOND),
            "webhook-signature": signatures,
        }


@dataclass(frozen=True)
class Carrier:
    """How letters are carried, whatever the target."""

    rules: Rules
    timeout_seconds: float = 10.0
    resolve: Resolve = by_dns
    trust: ssl.SSLContext = field(default_factory=lambda: httpx.create_ssl_context(trust_env=False))

    @classmethod
    def of(cls, settings: Settings) -> "Carrier":
        """As configured.

        Raises: SettingsError when webhook_ca_file can't be read.
        """
        trust = httpx.create_ssl_context(trust_env=False)
        if settings.webhook_ca_file is not None:
            try:
                trust.load_verify_locations(settings.webhook_ca_file)
            except OSError as error:  # ssl.SSLError is one
                raise SettingsError(f"webhook_ca_file {settings.webhook_ca_file} can't be used: {error}") from None
        return cls(Rules.of(settings), settings.webhook_timeout_seconds, trust=trust)

    def line(self) -> httpx.AsyncHTTPTransport:
        """Connections to one target: no proxy of the environment, no redirects, no cookies, no tries of its own."""
        return httpx.AsyncHTTPTransport(verify=self.trust, trust_env=False, limits=httpx.Limits(max_connections=32))

    async def check(self, url: str) -> None:
        """See that a webhook may go to a URL, as far as it can be known before the delivery.

        Raises: RefusedTargetError.
        """
        where = place(url, self.rules)
        try:
            async with asyncio.timeout(self.timeout_seconds):
                await checked(where, self.rules, self.resolve)
        except TimeoutError:
            raise RefusedTargetError(
                f"url: {where.host} was not found within {self.timeout_seconds:g} seconds"
            ) from None

    async def carry(self, line: httpx.AsyncHTTPTransport, letter: Letter) -> Reply:
        """Try once; whatever goes wrong is a reply. The whole of it takes `timeout_seconds` at most."""
        try:
            async with asyncio.timeout(self.timeout_seconds):
                where = place(letter.url, self.rules)
                return await self._to_any(line, letter, where)
        except TimeoutError:
            return Reply(None, f"no answer within {self.timeout_seconds:g} seconds")
        except RefusedTargetError as error:
            return Reply(None, str(error))
        except httpx.TransportError as error:
            return Reply(None, _told(error))

    async def _to_any(self, line: httpx.AsyncHTTPTransport, letter: Letter, where: Place) -> Reply:
        """To the first of the checked addresses that can be connected to."""
        addresses = (await checked(where, self.rules, self.resolve))[:ADDRESSES_TRIED]
        for address in addresses[:-1]:
            try:
                return await self._to(line, letter, where, address)
            except httpx.ConnectError:
                continue
        return await self._to(line, letter, where, addresses[-1])

    async def _to(self, line: httpx.AsyncHTTPTransport, letter: Letter, where: Place, address: str) -> Reply:
        """The name is for the Host header and the certificate alone: it is not looked up again."""
        extensions = {"sni_hostname": where.host, "timeout": httpx.Timeout(self.timeout_seconds).as_dict()}
        headers = {"host": where.authority, **letter.headers()}
        request = httpx.Request(
            "POST", where.at(address), headers=headers, content=letter.body.encode(), extensions=extensions
        )
        response = await line.handle_async_request(request)
        try:
            await _read(response)
        finally:
            await response.aclose()
        return _reply(response, letter.at)


async def _read(response: httpx.Response) -> None:
    """A short answer is read, so that the connection can be used again."""
    seen = 0
    async for chunk in response.aiter_raw():
        seen += len(chunk)
        if seen > READ_AT_MOST:
            return


def _told(error: httpx.TransportError) -> str:
    """What went wrong, without a word of what the other side said: it may be a service that was never meant."""
    if isinstance(error, httpx.ConnectError):
        return f"can't be reached: {error}"
    return f"the connection failed ({type(error).__name__})"


def _reply(response: httpx.Response, at: int) -> Reply:
    status = response.status_code
    if 200 <= status < 300:
        return Reply(status)
    why = f"answered {status}" + (", and redirects are not followed" if 300 <= status < 400 else "")
    asked = response.headers.get("retry-after", "") if status in (429, 503) else ""
    return Reply(status, why, min(_wait(asked, at), LONGEST_RETRY_AFTER))


def _wait(asked: str, at: int) -> int:
    """Retry-After, seconds or a date, in microseconds; 0 where it says nothing.

    >>> [_wait("120", 0) // SECOND, _wait("Thu, 01 Jan 1970 00:02:00 GMT", 0) // SECOND, _wait("soon", 0)]
    [120, 120, 0]
    """
    if asked.isascii() and asked.isdigit():
        return int(asked[:9]) * SECOND
    try:
        until: datetime = parsedate_to_datetime(asked)
        return max(0, to_micros(until) - at)
    except (ValueError, TypeError):  # no date, or one without a zone
        return 0
