"""A tiny source and task, and jobs done in this process."""

import keras
import pytest

from keras_snow.reports import CompareOptions
from keras_snow.reports import comparison
from keras_snow.reports.job import run_job
from tests.reports.fakes import save_task

TINY = CompareOptions(
    image_size=16, epochs=2, batch_size=8, tune_rate=False, verbose=False
)


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """Two taps, no batch normalisation: 112 and 296 parameters."""
    image = keras.Input((None, None, 3), name="image")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(image)
    x = keras.layers.Conv2D(4, 3, 2, "same", name="early")(x)
    x = keras.layers.Conv2D(8, 3, 2, "same", name="late")(x)
    path = tmp_path_factory.mktemp("source") / "small.keras"
    keras.Model(image, x, name="small").save(path)
    return str(path)


@pytest.fixture(scope="session")
def task(tmp_path_factory):
    return save_task(tmp_path_factory.mktemp("task") / "colours.npz")


@pytest.fixture
def launched(monkeypatch):
    """Does jobs in this process, and lists them."""
    jobs = []

    def run_here(job, log):
        jobs.append(job)
        return run_job(job)

    monkeypatch.setattr(comparison, "run_in_child", run_here)
    return jobs


def finished(job, top1=0.5):
    """Leaves what a training would leave, without one."""
    from tests.reports.fakes import a_record

    record = a_record(top1)
    record["settings"]["recipe"] = job["recipe"]
    record["results"]["validation"] = {"top1": top1, "loss": 1.0}
    if not job["test"]:
        del record["results"]["test"]
    return record
