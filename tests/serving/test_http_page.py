"""The page on which an image is dropped."""

import os

import pytest

from keras_snow.serving import Bundle
from tests.serving.http_requests import picture


def test_the_answers_come_before_what_the_server_is(client):
    page = client.get("/").text
    places = [page.index(f'id="{name}"') for name in ("image", "answers")]
    assert places == sorted(places)
    assert page.index("<details>") > places[-1]
    assert page.index('id="state"') > page.index("<details>")


def test_the_page_loads_nothing_from_elsewhere(client):
    page = client.get("/")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "http" not in page.text.replace("http-equiv", "")
    told = client.get("/tasks").json()
    (engine,) = told["engines"]
    assert engine["deviation"] == 1e-6
    shares = [each["packing_deviation"] for each in told["tasks"]]
    assert engine["packing_deviation"] == max(shares)
    assert told["limits"]["max_bytes"] == 200_000


@pytest.mark.slow
def test_an_image_that_is_dropped_on_the_page_is_answered(
    open_server, shop, kept, tmp_path
):
    browsers = pytest.importorskip("playwright.sync_api")
    file = tmp_path / "photo.png"
    file.write_bytes(picture())
    other = Bundle.load(shop)
    other._source = kept.source
    other.add("dogs", kept.delta("food"), image_size=64)
    address, _ = open_server(shop)
    with browsers.sync_playwright() as playwright:
        # CHROMIUM names one that is not playwright's own.
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        page.wait_for_selector("#state:has-text('32 px')", state="attached")
        assert not page.is_visible("#state")
        page.click("summary")
        state = page.inner_text("#state")
        assert "differ by 1.0e-6 from the bundle's deltas" in state
        assert "each picture takes 2 passes" in state
        page.set_input_files("#file", str(file))
        page.wait_for_selector("#answers section[data-task=cars]")
        first = page.inner_text("section[data-task=birds] .row >> nth=0")
        assert "red" in first
        data = {"bytes": list(picture((0, 0, 250)))}
        page.evaluate(DROP, data)
        page.wait_for_selector("section[data-task=birds] .row:has-text('blue')")
        first = page.inner_text("section[data-task=birds] .row >> nth=0")
        assert "blue" in first
        page.evaluate(DROP, {"bytes": [1, 2, 3]})
        page.wait_for_selector("#message:has-text('read as an image')")
        assert page.inner_text("#message").startswith("photo.png: ")
        assert page.query_selector("#answers section") is None
        assert errors == []
        browser.close()


DROP = """({bytes}) => {
  const dropped = new DataTransfer();
  const file = new File([new Uint8Array(bytes)], "photo.png");
  dropped.items.add(file);
  const options = { dataTransfer: dropped, bubbles: true, cancelable: true };
  document.getElementById("answers").replaceChildren();
  document.getElementById("drop").dispatchEvent(new DragEvent("drop", options));
}"""
