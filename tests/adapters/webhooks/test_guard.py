"""No address a stranger names leads inside (R10): literals, names, IPv4 in IPv6, rebinding, redirects."""

from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from amends.adapters.webhooks.guard import Guard, public
from amends.adapters.webhooks.sender import HttpWebhookSender
from amends.application.ports.webhooks import UrlRefused

INSIDE = (
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.0.8", "198.18.0.1",
    "192.0.2.1",    "198.51.100.7", "203.0.113.9", "192.88.99.1",
    "::", "::1", "fc00::1", "fd00:ec2::254", "fe80::1", "ff02::1", "2001:db8::1", "100::1",
    "2001::1", "fec0::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::",
)  # fmt: skip
OUTSIDE = ("93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")


def names(*addresses: str) -> Guard:
    async def resolver(host: str, port: int) -> Sequence[str]:
        return addresses

    return Guard(resolver=resolver)


@pytest.mark.row("P11")
@pytest.mark.parametrize("address", INSIDE)
async def test_an_address_inside_is_refused_as_a_literal_and_behind_a_name(address: str) -> None:
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(UrlRefused):
        Guard().check(f"https://{literal}/hook")
    with pytest.raises(UrlRefused):
        await names(address).pinned("https://innocent.example/hook")
    with pytest.raises(UrlRefused):
        await names("93.184.216.34", address).pinned("https://both.example/hook")


@pytest.mark.parametrize("address", OUTSIDE)
async def test_a_public_address_is_pinned(address: str) -> None:
    _, pinned = await names(address).pinned("https://shop.example/hook")
    assert ip_address(pinned) == ip_address(address)


def test_what_is_public_is_said_of_each() -> None:
    assert public(ip_address("8.8.8.8"))
    assert not public(ip_address("10.0.0.1"))


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "gopher://shop.example/",
        "//shop.example/",
        "https://",
        "https:///path",
        "https://user:pw@shop.example/",
        "https://user@shop.example/",
        "https://shop.example:0/",
        "https://shop.example:99999/",
        "https://shop.example/a b",
        "https://shop.example\\@127.0.0.1/",
        "https://shop.example/\r\nHost: inside",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://[fe80::1%25eth0]/",
        "https://" + "a" * 2000,
    ],
)
def test_addresses_that_only_look_like_addresses_are_refused(url: str) -> None:
    with pytest.raises(UrlRefused):
        Guard().check(url)


async def test_a_name_is_asked_for_once_so_it_cannot_change_in_between() -> None:
    answers = [["93.184.216.34"], ["127.0.0.1"]]
    asked = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return answers[len(asked) - 1]

    _, pinned = await Guard(resolver=rebinding).pinned("https://rebind.example:8443/hook")
    assert (pinned, asked) == ("93.184.216.34", [("rebind.example", 8443)])


async def test_ones_own_network_may_be_opened_on_purpose() -> None:
    guard = Guard(inside=["10.1.0.0/16", "fd00::/8"])
    assert guard.check("http://10.1.2.3/").hostname == "10.1.2.3"
    guard.check("https://[fd00::1]/")
    for other in ("http://10.2.0.1/", "https://127.0.0.1/", "http://93.184.216.34/"):
        with pytest.raises(UrlRefused):
            guard.check(other)


async def test_what_is_refused_or_away_is_a_reply_and_no_error() -> None:
    assert (await HttpWebhookSender(names("127.0.0.1")).post("https://in.example/", {}, b"")).why == "refused"
    assert (await HttpWebhookSender(names()).post("https://no.example/", {}, b"")).why == "unreachable"
