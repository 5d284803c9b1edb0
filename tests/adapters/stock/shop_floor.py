"""A marketplace's stock as a server of its own: strict about what it is asked, and with faults on order."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "the marketplace's own token"


class ShopFloor:
    """Answers the four calls of docs/sending-back.md on a real socket; anything else is a 400.

    ``fault`` instead of the answer: silent, closed, 500, garbage, endless, redirect or wrong.
    """

    def __init__(self) -> None:
        self.left = {"blue": 2, "red": 0}
        self.holds: dict[str, dict[str, object]] = {}
        self.taken: set[str] = set()
        self.mistakes: list[str] = []
        self.fault = ""
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, target, _ = first.split(" ")
        if self.fault == "silent":
            await asyncio.sleep(30)
        if self.fault != "closed":
            status, told = self._answer(method, target, headers, body)
            writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: {len(told)}\r\n".encode())
            if self.fault == "redirect":
                writer.write(b"location: http://127.0.0.1:1/\r\n")
            writer.write(b"content-type: application/json\r\nconnection: close\r\n\r\n" + told)
            with suppress(ConnectionError):
                await writer.drain()
        writer.close()

    def _answer(  # noqa: PLR0911 - one arm a call
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        faults = {
            "500": (500, b"{}"),
            "garbage": (200, b"<html>"),
            "endless": (200, b" " * 400_000),
            "redirect": (302, b""),
            "wrong": (200, b'{"variants": [{"variant": "blue", "price": -1, "available": 1}], "until": 3}'),
        }
        if self.fault in faults:
            return faults[self.fault]
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return self._mistake(f"{method} {target}: no token", 401)
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        match (method, url.path.split("/")[1:]):
            case ("GET", ["variants"]) if query.keys() == {"seller_id", "sku", "currency"}:
                if query["sku"] != "LAMP-1":
                    return 404, b"{}"
                listed = [
                    {"variant": name, "price": 4000, "available": count} for name, count in self.left.items()
                ]
                return 200, json.dumps({"variants": listed}).encode()
            case ("PUT", ["holds", key]):
                return self._hold(unquote(key), json.loads(body))
            case ("DELETE", ["holds", key]):
                held = self.holds.pop(unquote(key), None)
                if held is not None:
                    self.left[str(held["variant"])] += int(str(held["quantity"]))
                return (204 if held else 404), b""
            case ("POST", ["holds", key, "shipment"]):
                held = self.holds.pop(unquote(key), None)
                self.taken |= {unquote(key)} if held else set()
                return (204 if held else 404), b""
        return self._mistake(f"{method} {target}", 400)

    def _hold(self, key: str, wish: dict[str, object]) -> tuple[int, bytes]:
        if wish.keys() != {"seller_id", "sku", "variant", "quantity", "until"}:
            return self._mistake(f"hold of {sorted(wish)}", 400)
        if datetime.fromisoformat(str(wish["until"])) <= datetime.now(UTC):
            return self._mistake(f"until {wish['until']} is over", 400)
        known = self.holds.get(key)
        variant, quantity = str(wish["variant"]), int(str(wish["quantity"]))
        if known is None:
            if self.left.get(variant, 0) < quantity:
                return 409, b'{"error": "sold_out"}'
            self.left[variant] -= quantity
        elif (known["variant"], known["quantity"]) != (variant, quantity):
            return self._mistake(f"{key} holds something else", 400)
        self.holds[key] = wish
        return 200, json.dumps({"until": wish["until"], "reference": f"h-{len(self.holds)}"}).encode()

    def _mistake(self, what: str, status: int) -> tuple[int, bytes]:
        self.mistakes.append(what)
        return status, b"{}"
