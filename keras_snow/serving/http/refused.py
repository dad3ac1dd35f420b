"""Writes a refusal as an answer."""

from starlette.responses import JSONResponse
from starlette.responses import Response

from keras_snow.serving.http.refusal import Refusal

_COME_AGAIN = (429, 503)


def refused(refusal: Refusal) -> Response:
    """Returns the answer to a request that is not answered."""
    headers = dict(refusal.headers)
    if refusal.status in _COME_AGAIN:
        headers["Retry-After"] = "1"
    if refusal.status == 408:  # What is still on its way is not read.
        headers["Connection"] = "close"
    return JSONResponse({"error": refusal.sentence}, refusal.status, headers)
