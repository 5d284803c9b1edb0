"""The API as it is served: the fast lane in front of Litestar, over one desk."""

from litestar.types import ASGIApp

from amends.interfaces.api.app import api_of
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.fastlane import FastLane
from amends.interfaces.api.parts import Parts


def create_app(parts: Parts, *, fast_lane: bool = True) -> ASGIApp:
    """The whole API, /v1 and /problems. Without ``fast_lane`` Litestar answers everything."""
    desk = Desk(parts)
    app = api_of(desk)
    return FastLane(desk, app) if fast_lane else app
