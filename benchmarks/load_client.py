"""Loads a server over HTTP; run as a file, by `load`, in its own process.

    python load_client.py URL BODY_FILE HEADERS_JSON CONCURRENCY SECONDS

Needs nothing but Python, so that it takes little from the server's processor.
Prints the seconds of each answered request, and the statuses, as JSON.
"""

import http.client
import json
import pathlib
import sys
import threading
import time
import urllib.parse


def load(
    url: str, body: bytes, headers: dict[str, str], count: int, seconds: float
) -> dict[str, object]:
    """Asks from several connections at a time, each as soon as it may.

    Args:
        url: What to ask.
        body: What to send.
        headers: What to send before it.
        count: Connections.
        seconds: How long.

    Returns:
        `latencies` in seconds, `statuses` with their counts, and `seconds`.
    """
    place = urllib.parse.urlsplit(url)
    path = f"{place.path}?{place.query}"
    latencies: list[float] = []
    statuses: dict[str, int] = {}
    began = time.perf_counter()

    def ask() -> None:
        connection = http.client.HTTPConnection(place.netloc, timeout=120)
        while time.perf_counter() - began < seconds:
            start = time.perf_counter()
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            response.read()
            latencies.append(time.perf_counter() - start)
            status = str(response.status)
            statuses[status] = statuses.get(status, 0) + 1
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "latencies": latencies,
        "statuses": statuses,
        "seconds": time.perf_counter() - began,
    }


if __name__ == "__main__":
    address, file, given, connections, duration = sys.argv[1:]
    found = load(
        address,
        pathlib.Path(file).read_bytes(),
        json.loads(given),
        int(connections),
        float(duration),
    )
    sys.stdout.write(json.dumps(found))
