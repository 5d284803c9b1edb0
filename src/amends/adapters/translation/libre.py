"""Translation by any service that speaks LibreTranslate's interface (POST /translate).

https://docs.libretranslate.com/api/operations/translate/
"""

import httpx
import msgspec

from amends.application.ports.messages import TranslationFailed

_TIMEOUT_S = 8.0


class _Answer(msgspec.Struct):
    translatedText: str  # noqa: N815  # the interface's own name


class LibreTranslate:
    """Keeps what `amends.application.ports.messages.Translator` promises."""

    def __init__(
        self, url: str, api_key: str = "", *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """``url`` is where the service is, without ``/translate``."""
        self._url = url.rstrip("/") + "/translate"
        self._api_key = api_key
        self._transport = transport

    async def translate(self, text: str, source: str, target: str) -> str:
        """The text in another language. Raises `TranslationFailed`."""
        asked = {"q": text, "source": source, "target": target, "format": "text"}
        if self._api_key:
            asked["api_key"] = self._api_key
        try:
            async with httpx.AsyncClient(
                timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False, transport=self._transport
            ) as client:
                answer = await client.post(self._url, json=asked)
        except httpx.HTTPError as error:
            raise TranslationFailed(repr(error)) from error
        if answer.status_code != httpx.codes.OK:
            raise TranslationFailed(f"the service answered {answer.status_code}")
        try:
            return msgspec.json.decode(answer.content, type=_Answer).translatedText
        except msgspec.DecodeError as error:
            raise TranslationFailed("the service's answer cannot be read") from error
