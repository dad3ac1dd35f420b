"""Session: one process' part of a run."""

import pathlib
import shutil
import warnings
from typing import Any

import keras

from keras_snow.callbacks import Checkpoints
from keras_snow.callbacks import Curves
from keras_snow.callbacks import DivergenceGuard
from keras_snow.callbacks import InputWait
from keras_snow.callbacks import Patience
from keras_snow.callbacks import PeakMemory
from keras_snow.callbacks import ProgressBar
from keras_snow.callbacks import RunState
from keras_snow.callbacks import SelectionChurn
from keras_snow.callbacks import SelectionRecorder
from keras_snow.callbacks import SettledSelections
from keras_snow.callbacks import StepProfile
from keras_snow.callbacks import TensorBoardImportances
from keras_snow.callbacks import TensorBoardScalars
from keras_snow.callbacks import TensorBoardSelections
from keras_snow.callbacks import Throughput
from keras_snow.callbacks import UnreadLogs
from keras_snow.callbacks import Validation
from keras_snow.callbacks import model_state
from keras_snow.callbacks.scoring import predict_logits
from keras_snow.callbacks.split_scores import accuracy_metric
from keras_snow.callbacks.split_scores import score_splits
from keras_snow.callbacks.tensorboard import can_write_summaries
from keras_snow.core.files import write_json
from keras_snow.core.host_values import without_distribution
from keras_snow.core.progress import say
from keras_snow.data.task import Task
from keras_snow.recipes.auto_sigma import AutoSigma
from keras_snow.recipes.recipe import Recipe
from keras_snow.recipes.schedule import Schedule
from keras_snow.sources.origin import origin_of
from keras_snow.training.body_rate import rate_factors
from keras_snow.training.checks import check_model
from keras_snow.training.checks import check_profile
from keras_snow.training.feed import ImageFeed
from keras_snow.training.hosts import this_host
from keras_snow.training.initial_weights import start_from
from keras_snow.training.options import TrainingOptions
from keras_snow.training.record import extend_record
from keras_snow.training.replicas import fitted_to_replicas
from keras_snow.training.run_folder import RunFolder
from keras_snow.training.run_folder import size_on_disk
from keras_snow.training.saved_run import save_model
from keras_snow.training.settling_feed import SettlingFeed
from keras_snow.training.shared_checkpoints import SharedCheckpoints
from keras_snow.training.solved_start import KEY
from keras_snow.training.solved_start import solve_start
from keras_snow.training.strategy import Placement
from keras_snow.training.tap_feed import TapFeed


class Session:
    """One process' part of a run: from the last checkpoint to the end.

    Args:
        model: Images to logits.
        task: What to learn.
        recipe: How.
        placement: Where.
        config: Caches, what to keep.
        record: The part of the record that is known before.
    """

    check = staticmethod(check_model)
    """Looks whether a model can be trained so, before all else."""

    def __init__(
        self,
        model: keras.Model,
        task: Task,
        recipe: Recipe,
        placement: Placement,
        config: TrainingOptions,
        record: dict[str, Any],
    ) -> None:
        self.model = model
        self.task = task
        self.recipe = recipe
        self.placement = placement
        self.config = config
        self.record = record
        self.state = RunState()
        self._ready: dict[int, float] = {}
        self.thresholds: list[float] | None = None
        self.seed: int = record["seed"]
        self.image_size: int = record["settings"]["image_size"]

    @property
    def answering(self) -> keras.Model:
        """What is scored and saved: the model that is trained."""
        return self.model

    def run(self, folder: RunFolder | None = None) -> dict[str, Any]:
        """Trains to the end, scores, saves, and returns the record.

        Args:
            folder: Where to write, if anywhere; of several hosts the first
                one alone has it.

        Raises:
            ValueError: If the run diverged.
            OSError: If there is no space left.
        """
        feed = self._make_feed(folder)
        with fitted_to_replicas(self.model, self.placement):
            try:
                self._prepare(feed)
                checkpoints = self._restore(feed, folder)
                self._fit_parts(feed, checkpoints, folder)
                checkpoints.restore_best()
            finally:
                feed.close()
        return self._finish(folder)

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to train."""
        state, recipe = self.state, self.recipe
        over = state.epochs_done >= recipe.epochs
        return over or state.has_waited(recipe.patience)

    def take_up(self, folder: RunFolder | None) -> None:
        """Gives the model the weights that a finished run has left.

        Warns if its checkpoints were removed.

        Args:
            folder: As of `run`.
        """
        self._compile(self.model, self.recipe.build_optimizer())
        if not self._checkpoints(self.model, folder).restore_best():
            warnings.warn(
                "This run is finished and its checkpoints are gone, so the "
                "model keeps the weights that it has. `load_run` gives the "
                f"trained model. Received: out={str(folder and folder.path)!r}",
                stacklevel=2,
            )

    def _make_feed(self, folder: RunFolder | None) -> ImageFeed:
        if not self.config.cache_taps:
            return self.image_feed()
        taps = None if folder is None else folder.taps
        kind = TapFeed if self.config.settle_after is None else SettlingFeed
        return kind(*self._feed_arguments(), folder=taps)

    def image_feed(self) -> ImageFeed:
        """Returns what feeds images to the whole model."""
        return ImageFeed(*self._feed_arguments())

    def _feed_arguments(self) -> tuple[Any, ...]:
        return (
            self.model,
            self.task,
            self.recipe,
            self.image_size,
            self.seed,
            self.config,
        )

    def _prepare(self, feed: ImageFeed) -> None:
        feed.calibrate()
        self._compile(feed.model, self.recipe.build_optimizer())
        optimizer = feed.model.optimizer
        optimizer.factors = rate_factors(feed.model, self.recipe)
        optimizer.build(feed.model.trainable_variables)

    def _compile(
        self, model: keras.Model, optimizer: keras.optimizers.Optimizer
    ) -> None:
        model.compile(
            optimizer=optimizer,
            loss=self.recipe.build_loss(self.task.multi_label),
            metrics=[accuracy_metric(self.task.multi_label)],
            jit_compile=self.placement.compiles_step,
        )

    def _restore(
        self, feed: ImageFeed, folder: RunFolder | None
    ) -> Checkpoints:
        checkpoints = self._checkpoints(feed.model, folder)
        if checkpoints.restore():
            return checkpoints
        if self.config.init is not None:
            start_from(feed.model, self.config.init)
        elif self.record["settings"].get(KEY):
            self.state.start = solve_start(self.image_feed())
            if "val_loss" in self.state.start:
                self.state.best_epoch = 0
        if folder is not None:
            weights = model_state.read_weights(feed.model)
            optimizer = model_state.read_optimizer(feed.model)
            folder.check_space(size_on_disk(weights | optimizer))
        # Without it a kill in the first epoch would begin with others.
        checkpoints.save()
        return checkpoints

    def _checkpoints(
        self, model: keras.Model, folder: RunFolder | None
    ) -> Checkpoints:
        place = None if folder is None else folder.checkpoints
        checkpoints = SharedCheckpoints(this_host(), place, self.state)
        checkpoints.set_model(model)
        return checkpoints

    def _fit_parts(
        self,
        feed: ImageFeed,
        checkpoints: Checkpoints,
        folder: RunFolder | None,
    ) -> None:
        for part in feed.parts():
            if self.state.epochs_done >= part.last_epoch or self.is_over:
                continue
            if part is not feed:
                # What it trains is trained on: the same variables.
                self._compile(part.model, feed.model.optimizer)
            self._fit(part, checkpoints, folder)

    def _fit(
        self,
        feed: ImageFeed,
        checkpoints: Checkpoints,
        folder: RunFolder | None,
    ) -> None:
        batches = feed.training(self.state.epochs_done)
        self._ready = batches.ready
        left = feed.last_epoch - self.state.epochs_done
        check_profile(self.config.profile, left * batches.steps)
        callbacks = self._callbacks(feed, batches.steps, checkpoints, folder)
        try:
            with batches.plain_errors():
                # SNOWModel's own `fit` would look at the data again.
                keras.Model.fit(
                    feed.model,
                    batches.data,
                    epochs=feed.last_epoch,
                    initial_epoch=self.state.epochs_done,
                    steps_per_epoch=batches.steps,
                    callbacks=UnreadLogs(
                        callbacks,
                        add_history=True,
                        model=feed.model,
                        epochs=self.recipe.epochs,
                        steps=batches.steps,
                    ),
                    shuffle=False,
                    verbose=0,
                )
        finally:
            for callback in callbacks:
                if isinstance(callback, (ProgressBar, StepProfile)):
                    callback.close()
        if self.state.problem:
            self._write_record(folder)
            raise ValueError(self.state.problem)

    def _callbacks(
        self,
        feed: ImageFeed,
        steps: int,
        checkpoints: Checkpoints,
        folder: RunFolder | None,
    ) -> list[keras.callbacks.Callback]:
        """In the order in which they hand on an epoch's numbers."""
        epochs = self.recipe.epochs
        watching: list[keras.callbacks.Callback] = [
            Schedule(self.recipe, epochs, steps, self._noise_seed()),
            AutoSigma(self.state.sigma, epochs),
            DivergenceGuard(self.state),
            SettledSelections(),
            *self._clocks(),
            *self._scorers(feed),
        ]
        curves = Curves(self.state, self.recipe.keep)
        place = None if folder is None else folder.selections
        recorder = self._recorder(place, steps)
        watching += [SelectionChurn(), *recorder, curves, checkpoints]
        if self.recipe.patience is not None:
            watching.append(Patience(self.state, self.recipe.patience))
        if folder is not None:
            watching.append(self._record_writer(folder))
            if self.config.tensorboard:
                watching += self._boards(folder.logs, recorder)
            if self.config.profile:
                watching.append(StepProfile(folder.logs, *self.config.profile))
        if self.config.verbose:
            watching.append(ProgressBar(epochs, steps))
        return watching

    def _boards(
        self, logs: pathlib.Path, recorder: list[SelectionRecorder]
    ) -> list[keras.callbacks.Callback]:
        """What TensorBoard will show; a sentence where nothing can be."""
        if not can_write_summaries():
            if self.config.verbose:
                say(
                    "No logs for TensorBoard: TensorFlow and TensorBoard, "
                    "which write them, are not both installed."
                )
            return []
        return [
            TensorBoardScalars(logs, self.state),
            TensorBoardImportances(logs, self.state),
            *(TensorBoardSelections(logs, self.state, x) for x in recorder),
        ]

    def _noise_seed(self) -> int:
        own = self.config.noise_seed
        return self.seed if own is None else own

    def _clocks(self) -> list[keras.callbacks.Callback]:
        return [
            Throughput(self.recipe.batch_size, self.placement.waits),
            InputWait(self._ready),
            PeakMemory(),
        ]

    def _scorers(self, feed: ImageFeed) -> list[keras.callbacks.Callback]:
        validation = feed.validation()
        if validation is None:
            return []
        labels = self.task.labels("validation")
        return [Validation(validation, labels, self.state)]

    def _recorder(
        self, path: pathlib.Path | None, steps: int
    ) -> list[SelectionRecorder]:
        """Records before the checkpoint: a kill between them loses nothing."""
        records = self.config.record_selections
        # Every host computes the same, also what one of them writes.
        if not records or (path is None and this_host().first):
            return []
        return [SelectionRecorder(path, self.state, steps, records)]

    def _record_writer(self, folder: RunFolder) -> keras.callbacks.Callback:
        return keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: self._write_record(folder)
        )

    def _write_record(self, folder: RunFolder | None) -> None:
        if folder is not None:
            write_json(folder.record, extend_record(self.record, self.state))

    def _finish(self, folder: RunFolder | None) -> dict[str, Any]:
        record = extend_record(self.record, self.state)
        record["results"] = self._score()
        if self.thresholds is not None:
            record["thresholds"] = self.thresholds
        record["status"] = "finished"
        if folder is not None:
            # Only this host saves: others don't wait for it in there.
            with without_distribution():
                self._save(folder)
            write_json(folder.record, record)
            shutil.rmtree(folder.taps, ignore_errors=True)
        return record

    def _save(self, folder: RunFolder) -> None:
        save_model(self.answering, folder.model, self._model_settings())

    def _score(self) -> dict[str, Any]:
        feed, logits = self.image_feed(), {}
        splits = self.task.splits
        for split in [x for x in ("validation", "test") if splits.get(x)]:
            batches = feed.evaluation(split)
            with batches.plain_errors():
                logits[split] = predict_logits(self.answering, batches.data)
        results, self.thresholds = score_splits(logits, self.task)
        return results

    def _model_settings(self) -> dict[str, Any]:
        identity, held_out = self.record["settings"], self.task.held_out
        config = self.config
        # Random weights can't be had again: such a model is saved whole.
        origin = config.source and origin_of(config.source, config.weights)
        source = getattr(self.model, "source", None)
        return {
            "method": identity["method"],
            "source": origin and origin.spec,
            "weights": origin and origin.weights,
            "input_scale": getattr(source, "input_scale", None),
            "task": self.task.name,
            "held_out": held_out and held_out.to_dict(),
            "class_names": list(self.task.class_names),
            "image_size": self.image_size,
            "value_range": self.task.value_range,
            "thresholds": self.thresholds,
            "precision": identity["precision"],
            "engine": self.placement.engine,
            "notes": identity["notes"],
        }
