"""Gathers every message from code and templates into the catalogues: ``make words``.

Catalogues hold no instants and no line numbers, so that they only change where the words did.
"""

import re
import sys
import tomllib
from collections.abc import Collection, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

import amends
from amends.application.words.catalogues import FOLDER
from amends.application.words.languages import LANGUAGES, SOURCE

_ROOT = Path(amends.__file__).parent
_METHODS = [
    ("**/node_modules/**", "ignore"),
    ("application/words/**.py", "python"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**/packs/**.toml", "amends.application.words.extraction:clauses"),
    ("**/help/articles.toml", "amends.application.words.extraction:articles"),
]
_OPTIONS = {"**/templates/**.html": {"silent": "false", "trimmed": "true"}}
_KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "say": None, "count": (1, 2)}
_PLACEHOLDER = re.compile(r"%\(([\w.]+)\)s")
# A form for exactly none, one or two things may say so in a word instead of a digit.
_COUNTED = frozenset({"number", "num"})

_HEADER = """\
# {name}. `make words` keeps the messages as the code has them; people fill in `msgstr`.
# Named placeholders such as %(amount)s stay as they are, in any order.
msgid ""
msgstr ""
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals={forms}; plural={plural};\\n"

"""


def messages() -> Catalog:
    """Every message of the source tree, with the files it is said in, sorted by its English."""
    found: list[tuple[str | tuple[str, ...], str, list[str], str | None]] = []
    for file, _, message, comments, context in extract_from_dir(
        _ROOT, _METHODS, _OPTIONS, _KEYWORDS, comment_tags=("For translators:",), strip_comment_tags=True
    ):
        found.append((message, Path(file).as_posix(), comments, context))
    catalogue = Catalog()
    for message, file, comments, context in sorted(found, key=lambda entry: (str(entry[0]), entry[1])):
        catalogue.add(message, locations=[(file, 0)], auto_comments=comments, context=context)
    return catalogue


def clauses(file: BinaryIO, *_: object, **__: object) -> Iterator[tuple[int, str, str, list[str]]]:
    """An extractor for Babel: the sentences of a policy pack's clauses."""
    for clause in tomllib.load(file).get("clause", ()):
        yield 0, "gettext", clause["sentence"], [f"A rule of the policy: {clause['id']}"]


def articles(file: BinaryIO, *_: object, **__: object) -> Iterator[tuple[int, str, str, list[str]]]:
    """An extractor for Babel: what the help centre says, and the words its articles are found by."""
    shelf = tomllib.load(file)
    for article in shelf["article"]:
        note = [f"Help centre: {article['id']}"]
        texts = [article["title"], article["summary"]]
        for section in article["section"]:
            texts += [section.get("heading", ""), *section.get("paragraphs", ()), *section.get("points", ())]
        yield from ((0, "gettext", text, note) for text in texts if text)
        yield 0, "gettext", article["words"], ["Help centre: words to find an article by, in any order"]
    for question in shelf["faq"]:
        yield from ((0, "gettext", question[name], ["Help centre"]) for name in ("question", "answer"))


def catalogue_of(language: str) -> Catalog:
    """What is kept of a language; an empty catalogue where there is none yet."""
    file = FOLDER / f"{language}.po"
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as source:
        return read_po(source, locale=language)


def updated(language: str, template: Catalog) -> bytes:
    """The catalogue of a language with exactly the template's messages, as its file is written."""
    catalogue = catalogue_of(language)
    catalogue.update(template, no_fuzzy_matching=True)
    # What is not said any more is not kept either; the history of the file has it.
    catalogue.obsolete.clear()
    written = BytesIO()
    write_po(written, catalogue, width=0, sort_output=True, omit_header=True, include_lineno=False)
    header = _HEADER.format(
        name=LANGUAGES[language].name,
        code=language,
        forms=catalogue.num_plurals,
        plural=catalogue.plural_expr,
    )
    return header.encode() + written.getvalue().strip() + b"\n"


def faults(language: str, template: Catalog) -> list[str]:
    """What keeps a catalogue from being finished: missing, untranslated, doubtful, other placeholders."""
    catalogue = catalogue_of(language)
    found: list[str] = []
    for message in template:
        if not message.id:
            continue
        said = catalogue.get(message.id, message.context)
        if said is None:
            found.append(f"not in the catalogue: {message.id!r}")
        else:
            found += [
                f"{fault}: {message.id!r}" for fault in _faults_of(message, said, catalogue.num_plurals)
            ]
    return found


def _faults_of(message: Message, said: Message, forms: int) -> Iterator[str]:
    if said.fuzzy:
        yield "doubtful"
    if isinstance(message.id, str):
        texts, sources = [str(said.string or "")], [message.id]
    else:
        texts, sources = list(said.string or ()), list(message.id)
        if len(texts) != forms:
            yield f"{len(texts)} plural forms instead of {forms}"
    if not all(text.strip() for text in texts):
        yield "untranslated"
        return
    wanted = set(_PLACEHOLDER.findall(" ".join(sources)))
    optional = _COUNTED if len(sources) > 1 else frozenset[str]()
    for text in texts:
        named = set(_PLACEHOLDER.findall(text))
        if not wanted - optional <= named <= wanted:
            yield f"placeholders {sorted(named)} instead of {sorted(wanted)}"
        elif wanted and not _fills(text, named):
            yield "a percent sign that is not doubled"


def _fills(text: str, names: Collection[str]) -> bool:
    try:
        return bool(text % dict.fromkeys(names, "x"))
    except (TypeError, ValueError, KeyError):
        return False


def main() -> None:
    """Bring every catalogue up to date, and tell how far each one is."""
    template = messages()
    FOLDER.mkdir(exist_ok=True)
    total = sum(1 for message in template if message.id)
    for language in LANGUAGES:
        if language == SOURCE:
            continue
        (FOLDER / f"{language}.po").write_bytes(updated(language, template))
        left = faults(language, template)
        sys.stdout.write(f"{language}: {total - len(left)} of {total} messages\n")


if __name__ == "__main__":
    main()
