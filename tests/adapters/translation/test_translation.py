"""Languages are told apart on this machine; translations come from any LibreTranslate-like service."""

import httpx
import msgspec
import pytest

from amends.adapters.translation.detection import LangidDetector
from amends.adapters.translation.libre import LibreTranslate
from amends.application.ports.messages import TranslationFailed


@pytest.mark.row("D5")
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello, could you please tell me where my parcel is?", "en"),
        ("Hallo, wo bleibt mein Paket? Ich warte schon lange darauf.", "de"),
        ("你好，我的包裹在哪里？我已经等了两个星期了。", "zh"),
        ("Hola, ¿dónde está mi paquete? Lo espero desde hace semanas.", "es"),
        ("Здравствуйте, где моя посылка? Я жду её уже две недели.", "ru"),
        ("Olá, onde está a minha encomenda? Já espero há semanas.", "pt"),
        ("مرحبا، أين طردي؟ أنا أنتظره منذ أسبوعين.", "ar"),
        ("ok", ""),
        ("12345", ""),
        ("", ""),
    ],
)
def test_the_language_of_a_message_is_told(text: str, language: str) -> None:
    assert LangidDetector().language(text) == language


def service(answer: httpx.Response, asked: list[dict[str, str]] | None = None) -> LibreTranslate:
    def answering(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append({"path": request.url.path, **msgspec.json.decode(request.content)})
        return answer

    return LibreTranslate("http://translate.example/", "key", transport=httpx.MockTransport(answering))


@pytest.mark.row("D5")
async def test_a_translation_is_asked_for_as_the_interface_says() -> None:
    asked: list[dict[str, str]] = []
    made = service(httpx.Response(200, json={"translatedText": "Hello"}), asked)
    assert await made.translate("Hallo", "de", "en") == "Hello"
    assert asked == [
        {
            "path": "/translate",
            "q": "Hallo",
            "source": "de",
            "target": "en",
            "format": "text",
            "api_key": "key",
        }
    ]


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(500), httpx.Response(200, text="no json"), httpx.Response(200, json={"error": "x"})],
)
async def test_a_service_in_trouble_fails_the_translation_and_nothing_else(answer: httpx.Response) -> None:
    with pytest.raises(TranslationFailed):
        await service(answer).translate("Hallo", "de", "en")
