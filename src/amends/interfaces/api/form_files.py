"""A file that comes in a form: whatever becomes of the request, nothing of it is left on the disk."""

from typing import IO, cast

from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import ClientException
from litestar.types import HTTPReceiveMessage, HTTPRequestEvent, Receive, ReceiveMessage

from amends.interfaces.api.problems import fail
from amends.interfaces.api.routes import ApiRequest

FIELD = "file"
# What a form has beside its file: boundaries, headers, other fields.
_AROUND_BYTES = 64 * 1024
_PIECE_BYTES = 1024 * 1024


async def file_of(request: ApiRequest, source: IO[bytes], most: int) -> str:
    """Write the form's file, of at most ``most`` bytes, into ``source``; its name.

    Raises `ProblemRaised` for a form that is too large or has no such file.
    """
    # The parser closes the files of a form that ends too early. Of one whose line was cut, or that goes on
    # and on, it would not hear the end.
    body = _Bounded(request.receive, most + _AROUND_BYTES)
    request.receive = body
    try:
        form = await request.form()
    except ClientException:
        if body.over:
            fail("too_large", f"The file has more than {most} bytes.")
        raise
    try:
        return await _copied(form, source, most)
    finally:
        for one in form.values():
            if isinstance(one, UploadFile):
                await one.close()


async def _copied(form: FormMultiDict, source: IO[bytes], most: int) -> str:
    upload = form.get(FIELD)
    if not isinstance(upload, UploadFile):
        fail("invalid", f"The form has no file in a field named `{FIELD}`.", parameter=FIELD)
    size = 0
    while piece := await upload.read(_PIECE_BYTES):
        size += len(piece)
        if size > most:
            fail("too_large", f"The file has more than {most} bytes.")
        source.write(piece)
    return upload.filename


class _Bounded:
    """What is received, with an end where the line was cut, or where it is too much (``over``)."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._left = most
        self.over = False

    async def __call__(self) -> HTTPReceiveMessage:
        message: ReceiveMessage = await self._receive()
        if message["type"] != "http.request":
            return _END
        self._left -= len(message["body"])
        if self._left < 0:
            self.over = True
            return _END
        return cast("HTTPReceiveMessage", message)


_END = HTTPRequestEvent(type="http.request", body=b"", more_body=False)
