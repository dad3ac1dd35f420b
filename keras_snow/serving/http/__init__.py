"""Answers over HTTP. Needs the extra `serve` once a server is made."""

from keras_snow.serving.http.serve import serve
from keras_snow.serving.http.server_options import ServerOptions

__all__ = ["ServerOptions", "serve"]
