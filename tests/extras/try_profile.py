"""XProf: the profile of a run has steps, and TensorBoard finds the page."""

import importlib.metadata
import pathlib

import tiny
from xprof.convert import raw_to_tool_data

tiny.draw()
tiny.snow("train", "images", *tiny.TRAINING, "--out", "run", "--profile", "2-3")
(profile,) = pathlib.Path("run").rglob("*.xplane.pb")
names = raw_to_tool_data.xspace_to_tool_names([str(profile)])
assert "overview_page" in {name.rstrip("@") for name in names}, names
plugins = importlib.metadata.entry_points(group="tensorboard_plugins")
assert "profile" in {each.name for each in plugins}
importlib.import_module("tensorboard.main")
