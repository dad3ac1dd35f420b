"""Textured shapes drawn with NumPy: the pixels of the demo's tasks."""

from dataclasses import dataclass

import numpy as np

SHAPES = (
    "disc",
    "square",
    "triangle",
    "cross",
    "ring",
    "star",
    "crescent",
    "corner",
)
TEXTURES = (
    "stripes",
    "checks",
    "dots",
    "bars",
    "waves",
    "rings",
)

Fields = dict[str, np.ndarray]

# Images drawn at once: large enough for NumPy, small enough for the caches.
_CHUNK = 128


@dataclass(frozen=True)
class Objects:
    """The shapes of many scenes; every field is `(scenes, objects)`.

    Args:
        shape: Index into `SHAPES`; -1 draws nothing.
        texture: Index into `TEXTURES`.
        x: Horizontal centre, from -1 (left) to 1 (right).
        y: Vertical centre, from -1 (top) to 1 (bottom).
        size: Half the extent of the shape; 1 reaches the image's edges.
        angle: Rotation of the shape in radians.
        frequency: Periods of the texture on a length of 2.
        direction: Rotation of the texture in radians.

    Examples:
        >>> ones = np.ones((3, 1))
        >>> disc = Objects(
        ...     shape=0 * ones, texture=0 * ones, x=0 * ones, y=0 * ones,
        ...     size=0.5 * ones, angle=0 * ones, frequency=6 * ones,
        ...     direction=0 * ones,
        ... )
        >>> draw(disc, np.random.default_rng(0), 32).shape
        (3, 32, 32, 3)
    """

    shape: np.ndarray
    texture: np.ndarray
    x: np.ndarray
    y: np.ndarray
    size: np.ndarray
    angle: np.ndarray
    frequency: np.ndarray
    direction: np.ndarray

    def __len__(self) -> int:
        return len(self.shape)

    def rows(self, start: int, stop: int) -> "Objects":
        """The scenes from `start` to `stop`."""
        fields = {
            name: np.asarray(values)[start:stop]
            for name, values in vars(self).items()
        }
        return Objects(**fields)


def draw(
    objects: Objects, rng: np.random.Generator, image_size: int = 46
) -> np.ndarray:
    """Draws one image a scene.

    Colours, the cluttered background, light and grain are nuisances that come
    from `rng`: no task asks for them.

    Args:
        objects: What the scenes show.
        rng: The source of every nuisance.
        image_size: Height and width in pixels.

    Returns:
        RGB images `(scenes, image_size, image_size, 3)`, `uint8`.
    """
    images = [
        _draw_chunk(objects.rows(start, start + _CHUNK), rng, image_size)
        for start in range(0, len(objects), _CHUNK)
    ]
    empty = np.zeros((0, image_size, image_size, 3), np.uint8)
    return np.concatenate([empty, *images])


def _draw_chunk(
    objects: Objects, rng: np.random.Generator, image_size: int
) -> np.ndarray:
    count, slots = objects.shape.shape
    axis = (np.arange(image_size, dtype=np.float32) + 0.5) / image_size * 2 - 1
    grid_x, grid_y = np.meshgrid(axis, axis)
    canvas = _background(rng, count, grid_x, grid_y)
    for slot in range(slots):
        fields = {
            name: np.asarray(values)[:, slot]
            for name, values in vars(objects).items()
        }
        dark, light = _two_colours(rng, count)
        phase = rng.uniform(0, 1, (2, count))
        pattern = _pattern(fields, phase, grid_x, grid_y)
        paint = dark + (light - dark) * pattern[..., None]
        cover = _coverage(fields, grid_x, grid_y, image_size)[..., None]
        canvas += (paint - canvas) * cover
    return _photograph(rng, canvas, grid_x, grid_y)


def _background(
    rng: np.random.Generator, count: int, grid_x, grid_y
) -> np.ndarray:
    fields = {
        "texture": rng.integers(0, len(TEXTURES), count),
        "x": rng.uniform(-1, 1, count),
        "y": rng.uniform(-1, 1, count),
        "frequency": rng.uniform(2, 6, count),
        "direction": rng.uniform(0, 2 * np.pi, count),
    }
    phase = rng.uniform(0, 1, (2, count))
    pattern = _pattern(fields, phase, grid_x, grid_y)[..., None]
    base = rng.uniform(60, 195, (count, 1, 1, 3)).astype(np.float32)
    tint = rng.uniform(-24, 24, (count, 1, 1, 3)).astype(np.float32)
    return base + tint * (pattern * 2 - 1)


def _two_colours(
    rng: np.random.Generator, count: int
) -> tuple[np.ndarray, np.ndarray]:
    middle = rng.uniform(70, 185, (count, 1, 1, 3))
    away = rng.uniform(35, 80, (count, 1, 1, 3))
    away *= rng.choice([-1.0, 1.0], (count, 1, 1, 3))
    dark, light = middle - away, middle + away
    return dark.astype(np.float32), light.astype(np.float32)


def _photograph(
    rng: np.random.Generator, canvas: np.ndarray, grid_x, grid_y
) -> np.ndarray:
    count = len(canvas)
    slope = rng.uniform(-0.25, 0.25, (2, count, 1, 1)).astype(np.float32)
    light = 1 + slope[0] * grid_x + slope[1] * grid_y
    grain = rng.standard_normal(canvas.shape, np.float32)
    level = rng.uniform(3, 10, (count, 1, 1, 1)).astype(np.float32)
    pixels = canvas * light[..., None] + grain * level
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def _turned(angle: np.ndarray, x: np.ndarray, y: np.ndarray):
    """Coordinates `(count, height, width)` in a frame turned by `angle`."""
    cosine = np.cos(angle).astype(np.float32)[:, None, None]
    sine = np.sin(angle).astype(np.float32)[:, None, None]
    return cosine * x + sine * y, cosine * y - sine * x


def _column(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float32)[:, None, None]


def _pattern(fields: Fields, phase: np.ndarray, grid_x, grid_y) -> np.ndarray:
    """The texture's brightness from 0 to 1, `(count, height, width)`."""
    x = grid_x - _column(fields["x"])
    y = grid_y - _column(fields["y"])
    u, v = _turned(fields["direction"], x, y)
    scale = _column(fields["frequency"]) * np.float32(np.pi)
    shift = phase.astype(np.float32) * np.float32(2 * np.pi)
    u = u * scale + shift[0][:, None, None]
    v = v * scale + shift[1][:, None, None]
    wave = np.empty_like(u)
    for index, name in enumerate(TEXTURES):
        chosen = fields["texture"] == index
        if chosen.any():
            wave[chosen] = _TEXTURE_WAVES[name](u[chosen], v[chosen])
    return 1 / (1 + np.exp(-4 * wave))


# The wave of a texture in units of its period: positive is light.
_TEXTURE_WAVES = {
    "stripes": lambda u, v: np.sin(u),
    "checks": lambda u, v: 1.6 * np.sin(u) * np.sin(v),
    "dots": lambda u, v: np.cos(u) + np.cos(v) - 0.9,
    "bars": lambda u, v: np.sin(u) * np.sign(np.sin(v / 2)),
    "waves": lambda u, v: np.sin(u + 1.8 * np.sin(v * 0.7)),
    "rings": lambda u, v: np.sin(np.hypot(u, v) * 0.9),
}


def _coverage(fields: Fields, grid_x, grid_y, image_size: int) -> np.ndarray:
    """How much of each pixel the shape covers, `(count, height, width)`."""
    x = grid_x - _column(fields["x"])
    y = grid_y - _column(fields["y"])
    size = _column(fields["size"])
    u, v = _turned(fields["angle"], x, y)
    u, v = u / size, v / size
    distance = np.ones_like(u)
    for index, name in enumerate(SHAPES):
        chosen = fields["shape"] == index
        if chosen.any():
            distance[chosen] = _SHAPE_DISTANCES[name](u[chosen], v[chosen])
    pixels = distance * size * (image_size / 2)
    return np.clip(0.5 - pixels, 0, 1) * (_column(fields["shape"]) >= 0)


def _box(u: np.ndarray, v: np.ndarray, width: float, height: float):
    return np.maximum(np.abs(u) - width, np.abs(v) - height)


def _triangle(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    slanted = np.abs(u) * 0.894 + v * 0.447 - 0.42
    return np.maximum(slanted, -v - 0.85)


def _star(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    spike = np.abs((np.arctan2(v, u) / (2 * np.pi) * 5) % 1 - 0.5) * 2
    return (np.hypot(u, v) - 0.42 - 0.62 * spike) * 0.6


def _crescent(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    bite = 0.8 - np.hypot(u - 0.55, v)
    return np.maximum(np.hypot(u, v) - 1, bite)


def _corner(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    upright = _box(u + 0.55, v, 0.33, 0.88)
    return np.minimum(upright, _box(u, v - 0.55, 0.88, 0.33))


# Signed distances in units of the shape's size, negative inside.
_SHAPE_DISTANCES = {
    "disc": lambda u, v: np.hypot(u, v) - 0.9,
    "square": lambda u, v: _box(u, v, 0.8, 0.8),
    "triangle": _triangle,
    "cross": lambda u, v: np.minimum(
        _box(u, v, 0.95, 0.32), _box(u, v, 0.32, 0.95)
    ),
    "ring": lambda u, v: np.abs(np.hypot(u, v) - 0.72) - 0.25,
    "star": _star,
    "crescent": _crescent,
    "corner": _corner,
}
