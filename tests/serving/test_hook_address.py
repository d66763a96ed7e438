"""Where webhooks may go: no disguise of an inside address gets through, at registration or at any delivery."""

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from leadloop.clock import now, to_micros
from leadloop.errors import SettingsError
from leadloop.settings import Settings
from leadloop.store.deliveries import Reply
from serving.hook_address import RefusedTargetError, Rules, allowed, place
from serving.hook_sending import Carrier, Letter
from tests.serving.receiver import Receiver, receiving

PUBLIC = "93.184.215.14"
LOOPBACK = Rules(networks=(ip_network("127.0.0.0/8"),), allow_http=True, ports=())


class Names:
    """A resolver that gives one answer after the other, the last for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), list[str]()

    async def __call__(self, host: str, _: int) -> Sequence[str]:
        """The next answer."""
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def check(url: str, carrier: Carrier) -> None:
    """As at registration."""
    asyncio.run(carrier.check(url))


def carry(url: str, carrier: Carrier) -> Reply:
    """As at a delivery."""

    async def once() -> Reply:
        async with carrier.line() as line:
            return await carrier.carry(line, Letter(url, "msg_1", "{}", ["whsec_c2VjcmV0"], to_micros(now())))

    return asyncio.run(once())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as running:
        yield running


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://crm.example/", "is not https"),
        ("ftp://crm.example/", "is not https"),
        ("crm.example/hooks", "is not https"),
        ("https://jo:secret@crm.example/", "leave user and password out"),
        ("https://crm.example:22/", "port 22 is none of webhook_ports"),
        ("https://crm.example:0/", "there is no port 0"),
        ("https://crm.example:99999/", "there is no port 99999"),
        ("https://crm.example/#part", "leave the part after #"),
        ("https:///hooks", "has no host"),
        ("https://127.1/", "no usual IPv4 address"),
        ("https://2130706433/", "no usual IPv4 address"),
        ("https://0x7f000001/", "no usual IPv4 address"),
        ("https://0177.0.0.1/", "Invalid IPv4 address"),
        ("https://127.0.0.1./", "no usual IPv4 address"),
        ("https://[fe80::1%25eth0]/", "has no host"),
        ("https://crm.example\\@127.0.0.1/", "printable ASCII"),
        ("https://crm.example/\r\nHost: inside", "printable ASCII"),
        ("https://①②⑦.0.0.1/", "printable ASCII"),
        ("https://crm.example/" + "a" * 2_000, "at most 2,000"),
    ],
)
def test_a_url_that_is_no_plain_https_address_is_refused(url: str, why: str) -> None:
    with pytest.raises(RefusedTargetError, match=why):
        place(url, Rules())


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),  # noqa: S104
        *("0.1.2.3", "192.0.0.192", "198.18.0.1", "192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("168.63.129.16", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::10.0.0.1"),
        *("2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "fe80::1%eth0", "no address"),
    ],
)
def test_an_address_that_is_not_public_is_refused_by_whatever_name(address: str) -> None:
    with pytest.raises(RefusedTargetError, match="not on the public internet"):
        check("https://crm.example/", Carrier(Rules(), resolve=Names([address])))


@pytest.mark.parametrize("address", [PUBLIC, "2606:4700::1111", "::ffff:93.184.215.14", "64:ff9b::93.184.215.14"])
def test_a_public_address_is_allowed(address: str) -> None:
    check("https://crm.example/", Carrier(Rules(), resolve=Names([address])))


def test_one_inside_address_among_public_ones_makes_a_name_suspect() -> None:
    with pytest.raises(RefusedTargetError, match=r"leads to 10\.0\.0\.1"):
        check("https://crm.example/", Carrier(Rules(), resolve=Names([PUBLIC, "10.0.0.1"])))


def test_private_addresses_can_be_allowed_and_metadata_cannot() -> None:
    rules = Rules(allow_private=True)
    assert [allowed(each, rules) for each in ("10.0.0.1", "127.0.0.1", "fd00::1", "::1")] == [True] * 4
    never = ("169.254.169.254", "0.0.0.0", "224.0.0.1", "168.63.129.16", "192.0.0.192", "fe80::1", "::")  # noqa: S104
    assert [allowed(each, rules) for each in never] == [False] * len(never)


def test_only_the_networks_that_are_named_are_inside() -> None:
    rules = Rules(networks=(ip_network("10.1.0.0/16"),))
    assert [allowed(each, rules) for each in ("10.1.2.3", "::ffff:10.1.2.3", "10.2.0.1")] == [True, True, False]


def test_a_name_without_an_address_is_refused() -> None:
    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError(f"{host}:{port} is unknown")

    with pytest.raises(RefusedTargetError, match=r"crm\.example has no address"):
        check("https://crm.example/", Carrier(Rules(), resolve=nowhere))


def test_a_name_that_moves_inside_after_its_registration_is_not_sent_to(receiver: Receiver) -> None:
    names = Names([PUBLIC], ["127.0.0.1"])
    rebound = Carrier(Rules(allow_http=True, ports=()), resolve=names)
    url = receiver.url.replace("127.0.0.1", "crm.example")
    check(url, rebound)
    reply = carry(url, rebound)
    assert (reply.status, reply.delivered, receiver.heard) == (None, False, [])
    assert "leads to 127.0.0.1" in str(reply.error)


def test_a_name_is_looked_up_once_and_the_connection_goes_to_what_was_checked(receiver: Receiver) -> None:
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    url = receiver.url.replace("127.0.0.1", "crm.example")
    assert carry(url, Carrier(LOOPBACK, resolve=names)).delivered
    assert names.asked == ["crm.example"]
    assert receiver.heard[0].headers["host"] == url.split("/")[2]


def test_an_address_that_does_not_answer_gives_way_to_the_next(receiver: Receiver) -> None:
    names = Names(["127.0.0.9", "127.0.0.1"])  # the receiver is on the second alone
    assert carry(receiver.url.replace("127.0.0.1", "crm.example"), Carrier(LOOPBACK, resolve=names)).delivered


def test_a_proxy_of_the_environment_is_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert carry(receiver.url, Carrier(LOOPBACK)).delivered


def test_what_an_inside_service_says_is_not_told() -> None:
    def secretive(_: object) -> tuple[int, dict[str, str]]:
        return 403, {"x-secret": "inside"}

    with receiving(Receiver(secretive)) as receiver:
        assert carry(receiver.url, Carrier(LOOPBACK)) == Reply(403, "answered 403")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of crm.example with its key, signed by itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "crm")])
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    dated = built.not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=1))
    named = dated.add_extension(x509.SubjectAlternativeName([x509.DNSName("crm.example")]), critical=False)
    signed = named.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path = tmp_path_factory.mktemp("tls") / "crm.pem"
    written = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(signed.sign(key, hashes.SHA256()).public_bytes(pem) + written)
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[Receiver]:
    """A receiver with TLS."""
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trust.load_cert_chain(certificate)
    with receiving(Receiver(), trust=trust) as running:
        yield running


def _trusting(certificate: Path | None) -> Carrier:
    settings = Settings(webhook_networks=["127.0.0.0/8"], webhook_ports=[], webhook_ca_file=certificate)  # type: ignore[list-item]
    made = Carrier.of(settings)
    return Carrier(made.rules, made.timeout_seconds, Names(["127.0.0.1"]), made.trust)


def test_the_certificate_must_be_of_the_name_though_the_connection_goes_to_an_address(
    secure: Receiver, certificate: Path
) -> None:
    carrier = _trusting(certificate)
    assert carry(secure.url.replace("127.0.0.1", "crm.example"), carrier).delivered
    other = carry(secure.url.replace("127.0.0.1", "other.example"), carrier)
    assert "certificate" in str(other.error)
    assert len(secure.heard) == 1


def test_a_certificate_of_nobody_we_know_is_refused(secure: Receiver) -> None:
    assert "certificate" in str(carry(secure.url.replace("127.0.0.1", "crm.example"), _trusting(None)).error)


def test_a_file_that_holds_no_certificates_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"webhook_ca_file .*nowhere\.pem can't be used"):
        Carrier.of(Settings(webhook_ca_file=tmp_path / "nowhere.pem"))
