"""Records as a comparison leaves them, without any training."""

import json

import numpy as np

from keras_snow.reports.comparison_folder import ComparisonFolder

SETTINGS = {
    "source": "resnet50",
    "weights": "imagenet",
    "image_size": 224,
    "tune_rate": False,
}


def a_plan(tasks=("colours",), labels=("snow", "fo"), seeds=(0, 1)):
    classes = {"cars196": 196, "dtd": 47}
    return {
        "format": 1,
        "problems": {},
        "settings": SETTINGS,
        "tasks": [
            {
                "name": name,
                "spec": name,
                "data": {
                    "sizes": {"train": 30, "validation": 6, "test": 20},
                    "num_classes": classes.get(name, 3),
                },
            }
            for name in tasks
        ],
        "entries": [{"name": label} for label in labels],
        "seeds": list(seeds),
    }


def a_record(top1=0.5, speed=100.0, cache_taps=0):
    return {
        "status": "finished",
        "settings": {
            "model": {"trained": 90, "changing": 100, "total": 1100},
            "recipe": {"learning_rate": 0.1},
            "cache_taps": cache_taps,
        },
        "device": {"device": "one CPU (2 cores)"},
        "curves": {"val_top1": [0.2, 0.7, 0.6], "epoch_seconds": [5, 4, 3]},
        "images_per_second": speed,
        "results": {"test": {"top1": top1, "top5": 1.0}},
    }


def a_folder(path, plan, records):
    """Writes a plan and outcomes; `records` by task, label and seed."""
    folder = ComparisonFolder(path)
    folder.path.mkdir()
    folder.write_plan(plan)
    for (task, label, seed), record in records.items():
        place = folder.outcome(task, label, seed)
        place.with_suffix("").mkdir(parents=True)
        outcome = {"status": "failed", "problem": record}
        if isinstance(record, dict):
            memory = {"bytes": 300_000_000, "measure": "process"}
            outcome = {"status": "finished", "problem": None, "memory": memory}
            record_file = place.with_suffix("") / "record.json"
            record_file.write_text(json.dumps(record))
        place.write_text(json.dumps(outcome))
    return folder


def save_task(path, count=36, size=16):
    """Writes an `.npz` of three classes that differ in their mean colour."""
    draw = np.random.default_rng(0)
    labels = np.arange(count) % 3
    images = draw.integers(0, 120, (count, size, size, 3))
    images[np.arange(count), :, :, labels] += 100
    np.savez(path, images=images.astype("uint8"), labels=labels)
    return str(path)
