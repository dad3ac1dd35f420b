"""Checkpoints of a run on several hosts: the first process has the files."""

from keras_snow.callbacks import Checkpoints
from keras_snow.callbacks.checkpoints import Saved
from keras_snow.training.hosts import Hosts


class SharedCheckpoints(Checkpoints):
    """Checkpoints whose files the first process reads for all.

    No other process needs to see the run's folder.

    Args:
        hosts: The processes.
        *args: Of `Checkpoints`; no process but the first has a folder.

    Examples:
        >>> from keras_snow.callbacks import RunState
        >>> SharedCheckpoints(Hosts(), None, RunState()).restore()
        False
    """

    def __init__(self, hosts: Hosts, *args) -> None:
        super().__init__(*args)
        self.hosts = hosts

    def _read(self, name: str) -> Saved | None:
        found = super()._read(name)
        fields = self.hosts.share(found and found[1])
        if fields is None:
            return None
        return self.hosts.share_arrays(found[0] if found else {}), fields
