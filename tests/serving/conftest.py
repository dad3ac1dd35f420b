"""A bundle that is made once, in memory and in a folder, and its server."""

import asyncio
import contextlib
import shutil
import threading

import httpx
import pytest

from keras_snow.serving import Bundle
from keras_snow.serving.http import ServerOptions
from keras_snow.serving.http.app import make_app
from keras_snow.serving.http.background import running
from keras_snow.serving.http.service import Service
from tests.serving.asgi_transport import AsgiTransport
from tests.serving.fake_engines import use_fake_engines
from tests.serving.toy_bundles import toy_bundle
from tests.serving.toy_bundles import toy_delta
from tests.toys import SIZE

LIMITS = {"max_bytes": 200_000, "max_pixels": 100_000, "poll": 0.02}


@pytest.fixture(scope="session")
def kept():
    """Returns a bundle in memory, not to be changed."""
    return toy_bundle()


@pytest.fixture(scope="session")
def other_delta(kept):
    """Returns a delta of the same source that is in no bundle."""
    return toy_delta(kept.source, num_classes=3, seed=9, head="delta")


@pytest.fixture(scope="session")
def _saved(kept, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles") / "kept"
    copy = Bundle(kept.source)
    copy._shelf.manifest = kept._shelf.manifest
    copy._shelf._deltas = kept._shelf._deltas
    copy.save(folder)
    return folder


@pytest.fixture
def folder(_saved, tmp_path):
    """Returns a folder of a test's own with the same bundle."""
    shutil.copytree(_saved, tmp_path / "bundle")
    return tmp_path / "bundle"


@pytest.fixture(scope="session")
def _shop(kept, tmp_path_factory):
    bundle = Bundle(kept.source)
    names = ["red", "green", "blue"]
    known = {"class_names": names, "image_size": SIZE}
    bundle.add("birds", kept.delta("birds"), **known)
    bundle.add("cars", kept.delta("cars"), image_size=SIZE)
    folder = tmp_path_factory.mktemp("served") / "shop"
    bundle.save(folder)
    return folder


@pytest.fixture
def shop(_shop, tmp_path):
    return shutil.copytree(_shop, tmp_path / "shop")


@pytest.fixture(scope="session")
def _loop():
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def open_client(monkeypatch, _loop):
    """Opens clients of a service in this process, with engines of no cost."""
    use_fake_engines(monkeypatch)
    with contextlib.ExitStack() as stack:

        def open_one(folder, **options):
            service = Service(folder, ServerOptions(**LIMITS | options))
            transport = AsgiTransport(make_app(service), _loop)
            transport.run(_started(service))
            stack.callback(lambda: transport.run(_stopped(service)))
            client = httpx.Client(
                base_url="http://127.0.0.1:8000", transport=transport
            )
            client.service = service
            return stack.enter_context(client)

        yield open_one


async def _started(service):
    service.start()


async def _stopped(service):
    service.stop()


@pytest.fixture
def client(open_client, shop):
    return open_client(shop)


@pytest.fixture
def open_server(monkeypatch):
    """Opens servers at a port of their own, with engines of no cost."""
    use_fake_engines(monkeypatch)
    with contextlib.ExitStack() as stack:

        def open_one(folder, **options):
            chosen = ServerOptions(**{**LIMITS, "port": 0, **options})
            return stack.enter_context(running(folder, chosen))

        yield open_one
