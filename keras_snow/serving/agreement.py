"""Whether the source, the deltas and the manifest of a bundle agree."""

from typing import Any

from keras_snow.deltas.delta import Delta
from keras_snow.deltas.saved_delta import check_fingerprint
from keras_snow.serving.bundle_folder import BundleFolder
from keras_snow.serving.bundle_folder import facts_of
from keras_snow.serving.bundled_task import BundledTask
from keras_snow.serving.source_cuts import SourceCuts
from keras_snow.sources.source import Source


def check_fits(delta: Delta, cuts: SourceCuts) -> None:
    """Looks whether a delta was made for a source."""
    missing = cuts.source.missing(delta.tap_names)
    if missing:
        raise ValueError(
            "This delta reads taps that the bundle's source does not have: it "
            "was made for another source, or for more of it. Received: "
            f"missing taps {missing[:3]}, source={cuts.source.name!r}"
        )
    taps = delta.tap_names
    check_fingerprint(delta, cuts.cut(taps), cuts.fingerprint(taps))


def check_agreement(task: BundledTask, delta: Delta, cuts: SourceCuts) -> None:
    """Looks whether a delta is the one that a manifest describes."""
    found = {"num_classes": delta.num_classes, "taps": tuple(delta.tap_names)}
    told = {"num_classes": task.num_classes, "taps": task.taps}
    if told != found:
        raise ValueError(
            f"The delta of task {task.name!r} is not the one that the manifest "
            "describes. Restore the bundle from a copy. Received: "
            f"manifest={told}, delta={found}"
        )
    try:
        check_fits(delta, cuts)
    except ValueError as error:
        raise ValueError(f"Task {task.name!r}: {error}") from error


def find_disagreements(folder: BundleFolder) -> list[str]:
    """Holds the manifest of a bundle against what its files hold.

    Returns:
        A sentence for each contradiction.
    """
    manifest, problems = folder.read(), []
    try:
        source = folder.load_source(manifest)
        _check_source(manifest.source, source)
    except ValueError as error:
        return [str(error)]
    cuts = SourceCuts(source)
    for task in manifest.tasks.values():
        try:
            check_agreement(task, folder.load_delta(task), cuts)
        except ValueError as error:
            problems.append(str(error))
    return problems


def _check_source(told: dict[str, Any], source: Source) -> None:
    found = facts_of(source)
    wrong = [name for name in found if told.get(name) != found[name]]
    if wrong:
        raise ValueError(
            "The source is not the one that the manifest describes. Restore "
            "the bundle from a copy. Received: another "
            f"{', '.join(wrong)} in source={source.name!r}"
        )
