"""SharedRun: members of a sweep, from their last epochs to the end."""

from collections.abc import Iterator
from typing import Any

import keras

from keras_snow.callbacks import ProgressBar
from keras_snow.callbacks import UnreadLogs
from keras_snow.callbacks.scoring import predict_logits
from keras_snow.sources.source import Source
from keras_snow.training.feed import ImageFeed
from keras_snow.tuning.member import Member
from keras_snow.tuning.side_by_side import SideBySide

Logs = dict[str, Any] | None


class SharedRun:
    """Trains members of a sweep together, then scores and saves them.

    A kill may leave some members an epoch ahead of others. Those behind go
    first until they have caught up.

    Args:
        members: Begun, of one task, size and seed.
        source: With the taps of all.
        feed: Their images.
    """

    def __init__(
        self, members: list[Member], source: Source, feed: ImageFeed
    ) -> None:
        self.members = members
        self.source = source
        self.feed = feed
        self._joined: list[keras.Model] = []

    def run(self) -> list[dict[str, Any]]:
        """Trains to the end and returns the members' records."""
        while running := [x for x in self.members if x.is_running]:
            done = sorted({each.state.epochs_done for each in running})
            group = [x for x in running if x.state.epochs_done == done[0]]
            until = [*done, self.feed.recipe.epochs][1]
            self._fit(group, done[0], until)
        for member in self.members:
            member.checkpoints.restore_best()
        for split in ("validation", "test"):
            self.predict(self.members, split)
        return [member.end() for member in self.members]

    def _fit(self, members: list[Member], first: int, until: int) -> None:
        batches = self.feed.training(first)
        self.join(members)
        images, labels = batches.reader(0)
        self.together.prepare(images.astype("float32"), labels)
        watching: list[keras.callbacks.Callback] = [
            _Watch(self, members, batches.steps)
        ]
        if self.feed.config.verbose:
            watching.append(ProgressBar(until, batches.steps))
        try:
            with batches.plain_errors():
                self.together.fit(
                    batches.data,
                    epochs=until,
                    initial_epoch=first,
                    steps_per_epoch=batches.steps,
                    callbacks=UnreadLogs(
                        watching,
                        add_history=True,
                        model=self.together,
                        epochs=until,
                        steps=batches.steps,
                    ),
                    shuffle=False,
                    verbose=0,
                )
        finally:
            for callback in watching[1:]:
                callback.close()

    def join(self, members: list[Member]) -> None:
        """Puts members behind one source, unless they are."""
        deltas = [each.delta for each in members]
        if self._joined == deltas:
            return
        self._joined = deltas
        self.together = SideBySide(self.source, deltas)
        self.together.compile(
            optimizer=None, jit_compile=members[0].placement.xla
        )

    def predict(self, members: list[Member], split: str) -> None:
        """Gives members their logits of a split, if there is one."""
        if not len(self.feed.task.splits.get(split, ())):
            return
        self.join(members)
        batches = self.feed.evaluation(split)
        with batches.plain_errors():
            found = predict_logits(self.together, batches.data)
        for member, logits in zip(members, found, strict=True):
            member.logits[split] = logits


class _Watch(keras.callbacks.Callback):
    """Hands on what happens to what watches each member.

    Args:
        run: The run.
        members: Those that are fitted.
        steps: Steps of an epoch.
    """

    def __init__(
        self, run: SharedRun, members: list[Member], steps: int
    ) -> None:
        super().__init__()
        self.run = run
        self.members = members
        self.watching = [each.watch(steps) for each in members]

    def on_train_begin(self, logs: Logs = None) -> None:
        for _, member, watching in self._sound():
            member.delta.stop_training = False
            watching.on_train_begin()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        for _, member, watching in self._sound():
            member.delta.reset_metrics()
            watching.on_epoch_begin(epoch)

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        for _, _, watching in self._sound():
            watching.on_train_batch_begin(batch)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        for number, _, watching in self._sound():
            watching.on_train_batch_end(batch, _own(number, logs))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self.run.predict(self.members, "validation")
        for number, _, watching in self._sound():
            watching.on_epoch_end(epoch, _own(number, logs))
        if not any(self._sound()):
            self.model.stop_training = True

    def on_train_end(self, logs: Logs = None) -> None:
        for watching in self.watching:
            watching.on_train_end()

    def _sound(self) -> Iterator[tuple[int, Member, Any]]:
        """Members that are not over and have not diverged; others idle."""
        pairs = zip(self.members, self.watching, strict=True)
        for number, (member, watching) in enumerate(pairs):
            if member.is_running:
                yield number, member, watching


def _own(number: int, logs: Logs) -> dict[str, Any]:
    own = f"{number}/"
    return {
        name.removeprefix(own): value
        for name, value in (logs or {}).items()
        if name.startswith(own)
    }
