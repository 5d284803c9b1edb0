"""Films, decoded and encoded anew as H.264 in MP4, with a poster frame.

Runs in the child process of `examiner` only.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import IO, Any

import av
from av.filter import Graph

from amends.adapters.files.pictures import save
from amends.application.ports.files import Examined, Unfit
from amends.domain.evidence import Limits

COPY_PIXELS = 1280
_FRAMES_PER_SECOND_MAX = 30
# Only these readers: others would open lists of further files, or addresses.
_READERS = {"video/webm": "matroska", "video/x-matroska": "matroska"}
_POSTER_AT_S = 1.0
_TURNS = {90: "cclock", -270: "cclock", -90: "clock", 270: "clock"}


class TooLong(Exception):
    """There is more of it than its head told."""


def film(
    source: IO[bytes], media_type: str, copy: IO[bytes], thumb: IO[bytes], limits: Limits
) -> Examined | Unfit:
    """Encode a film anew, without its metadata. Raises what PyAV raises for broken ones."""
    with av.open(source, "r", format=_READERS.get(media_type, "mov")) as reel:
        if not reel.streams.video:
            return Unfit("broken")
        pictures = reel.streams.video[0]
        width, height = pictures.codec_context.width, pictures.codec_context.height
        if not 0 < width * height <= limits.pixels:
            return Unfit("pixels", limits.pixels)
        if (reel.duration or 0) / av.time_base > limits.seconds:
            return Unfit("seconds", limits.seconds)
        try:
            seconds = _encode(reel, copy, thumb, limits.seconds)
        except TooLong:
            return Unfit("seconds", limits.seconds)
    if seconds is None:
        return Unfit("broken")
    return Examined(
        media_type=media_type,
        served_type="video/mp4",
        width=width,
        height=height,
        seconds=round(seconds, 1),
        copied=True,
        pictured=True,
    )


class _Copy:
    """The copy as it grows: its tracks begin with the first picture."""

    def __init__(self, out: Any, *, with_sound: bool) -> None:
        self._out = out
        self._with_sound = with_sound
        self._seen: Any = None
        self._sound: Any = None
        self.poster: Any = None

    def show(self, frame: Any) -> None:
        """Add a picture."""
        if self._seen is None:
            self._seen = self._out.add_stream("libx264", rate=_FRAMES_PER_SECOND_MAX)
            self._seen.width, self._seen.height, self._seen.pix_fmt = frame.width, frame.height, "yuv420p"
            self._seen.options = {"preset": "veryfast", "crf": "26", "threads": "1"}
            if self._with_sound:
                self._sound = self._out.add_stream("aac", rate=44100, layout="stereo")
        if self.poster is None or (frame.time or 0.0) <= _POSTER_AT_S:
            self.poster = frame
        frame.pict_type = 0
        self._out.mux(self._seen.encode(frame))

    def play(self, frame: Any) -> None:
        """Add sound; what comes before the first picture is left out."""
        if self._sound is not None:
            frame.pts = None
            self._out.mux(self._sound.encode(frame))

    def end(self) -> None:
        """Write what is still held back."""
        for track in (self._seen, self._sound):
            if track is not None:
                self._out.mux(track.encode(None))


def _encode(reel: Any, copy: IO[bytes], thumb: IO[bytes], seconds_max: int) -> float | None:
    """The seconds that were encoded; None where there was no picture at all."""
    tracks = [reel.streams.video[0], *reel.streams.audio[:1]]
    graph: Any = None
    last = 0.0
    with av.open(copy, "w", format="mp4") as out:
        made = _Copy(out, with_sound=len(tracks) > 1)
        for frame in _decoded(reel, tracks):
            last = max(last, frame.time or 0.0)
            if last > seconds_max:
                raise TooLong
            if isinstance(frame, av.AudioFrame):
                made.play(frame)
                continue
            graph = graph or _graph(tracks[0], frame)
            graph.push(frame)
            for ready in _pulled(graph):
                made.show(ready)
        if made.poster is None:
            return None
        made.end()
    save(made.poster.to_image(), None, thumb)
    return last


def _decoded(reel: Any, tracks: list[Any]) -> Iterator[Any]:
    for packet in reel.demux(tracks):
        yield from packet.decode()


def _graph(track: Any, first: Any) -> Any:
    """Turned upright as the phone was held, at most `COPY_PIXELS` wide and high, at an even rate."""
    graph = Graph()
    steps = [graph.add_buffer(template=track, time_base=track.time_base)]
    turn = round(first.rotation or 0)
    if turn in _TURNS:
        steps.append(graph.add("transpose", _TURNS[turn]))
    elif abs(turn) == 180:
        steps += [graph.add("hflip"), graph.add("vflip")]
    fit = f"w=min({COPY_PIXELS}\\,iw):h=min({COPY_PIXELS}\\,ih):force_original_aspect_ratio=decrease"
    steps += [
        graph.add("fps", f"{_FRAMES_PER_SECOND_MAX}"),
        graph.add("scale", f"{fit}:force_divisible_by=2"),
        graph.add("format", "yuv420p"),
        graph.add("buffersink"),
    ]
    for one, following in pairwise(steps):
        one.link_to(following)
    graph.configure()
    return graph


def _pulled(graph: Any) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
