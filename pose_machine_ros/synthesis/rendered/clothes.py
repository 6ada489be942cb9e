# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Clothes, shoes and hair as colours and thickness of the body's own surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.synthesis.rendered import colours, rig
from pose_machine_ros.synthesis.rendered.body import Body, BodyModel

_SHIRTLESS = _LEGS_BARE = 0.07  # share of the people
_SHOES, _SOCKS, _HAIR = 0.85, 0.4, 0.9
_FULL = 1.97  # how far a long sleeve or leg reaches, in the units of `_Surface.along`
_LIMB_PARTS = {'upper_arm': 0, 'forearm': 1, 'thigh': 0, 'shank': 1}


@dataclass(frozen=True)
class Outfit:
    """The look of a body's surface."""

    colours: np.ndarray  # (V, 3) RGB in [0, 1]
    thickness: np.ndarray  # (V,) metres along the normal


def dress(model: BodyModel, body: Body, rng: np.random.Generator) -> Outfit:
    """Return random clothes, shoes, hair and skin."""
    surface = _Surface(model, body, rng)
    surface.paint(np.ones(len(body.vertices), bool), colours.skin(rng))
    surface.draw_face(dict(zip(COCO_17.names, model.keypoints(body.vertices[None])[0])))
    waist = body.heads[model.index('spine05'), 2]
    if rng.uniform() >= _LEGS_BARE:
        legs = _choice(rng, (0.3, rng.uniform(0.15, 0.95)), (0.15, rng.uniform(1.1, 1.8)),
                       (0.55, _FULL))
        below = surface.z < waist + rng.uniform(0, 0.08)
        covered = surface.of('pelvis', 'abdomen') | (
            surface.of('thigh', 'shank') & (surface.along <= legs))
        surface.cover(covered & below, _cloth_thickness(rng))
    if rng.uniform() >= _SHIRTLESS:
        sleeves = _choice(rng, (0.15, rng.uniform(-0.1, 0.2)), (0.4, rng.uniform(0.3, 0.8)),
                          (0.1, rng.uniform(1.3, 1.8)), (0.35, _FULL))
        hem = waist + _choice(rng, (0.75, rng.uniform(-0.25, -0.05)),
                              (0.25, rng.uniform(-0.05, 0.12)))
        collar = body.heads[model.index('neck01'), 2] + rng.uniform(-0.03, 0.05)
        trunk = surface.of('chest', 'abdomen', 'pelvis', 'neck', 'thigh')
        arms = surface.of('upper_arm', 'forearm') & (surface.along <= sleeves)
        surface.cover((trunk & (surface.z > hem) & (surface.z < collar)) | arms,
                      0.003 + _cloth_thickness(rng))
    if rng.uniform() < _SHOES:
        surface.paint(surface.of('foot'), colours.any_colour(rng) * rng.choice((1, 0.3)))
        surface.thicken(surface.of('foot'), rng.uniform(0.004, 0.012))
    if rng.uniform() < _SOCKS:
        ankle = surface.of('shank') & (surface.along > rng.uniform(1.75, 1.93))
        surface.paint(ankle & ~surface.covered, colours.any_colour(rng))
    if rng.uniform() < _HAIR:
        surface.grow_hair()
    return Outfit(surface.colours.clip(0, 1), surface.depth.astype(np.float32))


class _Surface:
    """The surface of a body at rest, and what is put on it."""

    def __init__(self, model: BodyModel, body: Body, rng: np.random.Generator) -> None:
        self._points = body.vertices
        self._rng = rng
        self._parts = model.vertex_parts
        self._normals = model.normals(body.vertices[None])[0]
        self._head_start = body.heads[model.index('head'), 2]
        self.z = body.vertices[:, 2]
        self.along = self._along_limbs(model, body)
        self.colours = np.zeros((len(self._points), 3))
        self.depth = np.zeros(len(self._points))
        self.covered = np.zeros(len(self._points), bool)

    def of(self, *parts: str) -> np.ndarray:
        """Return which vertices (V,) belong to the parts of the body."""
        return np.isin(self._parts, parts)

    def paint(self, where: np.ndarray, colour: np.ndarray) -> None:
        """Give vertices (V,) one colour."""
        self.colours[where] = colour

    def thicken(self, where: np.ndarray, thickness: np.ndarray | float) -> None:
        """Put a layer on vertices (V,); the thickest of all layers counts."""
        self.depth = np.where(where, np.maximum(self.depth, thickness), self.depth)

    def cover(self, where: np.ndarray, thickness: float) -> None:
        """Put a piece of clothing with a pattern and folds on vertices (V,)."""
        self.colours[where] = self._pattern()[where]
        self.thicken(where, thickness * self._folds())
        self.covered |= where

    def draw_face(self, keypoints: dict[str, np.ndarray]) -> None:
        """Darken eyes and brows, redden the lips."""
        rng, points, head = self._rng, self._points, self.of('head')
        for side in rig.SIDES:
            eye = keypoints[f'{side}_eye']
            near = head & (np.linalg.norm(points - eye, axis=-1) < 0.014)
            self.colours[near] *= rng.uniform(0.15, 0.5)
            x, y, z = (points - eye - (0, 0, 0.025)).T
            self.colours[head & (np.abs(z) < 0.006) & (np.abs(x) < 0.022) & (y < 0.03)] *= 0.45
        x, y, z = (points - keypoints['nose'] + (0, 0, 0.04)).T
        lips = head & (np.abs(z) < 0.009) & (np.abs(x) < 0.024) & (y < 0.05)
        self.colours[lips] *= 0.8, 0.45, 0.45

    def grow_hair(self) -> None:
        """Cover the skull above a random hair line, and sometimes the neck."""
        rng = self._rng
        head = self.of('head')
        front, back = self._points[head, 1].min(), self._points[head, 1].max()
        height = (self.z - self._head_start) / (self.z[head].max() - self._head_start)
        depth = (self._points[:, 1] - front) / (back - front)  # 0 at the tip of the nose
        line, ears = rng.uniform(0.72, 0.86), rng.uniform(0.3, 0.5)
        length = rng.choice((0.25, -0.3))
        hairy = (((height > line) & (depth > 0.08))
                 | ((depth > ears) & (height > line - 0.1 - 1.1 * (depth - ears)))
                 | ((depth > 0.62) & (height > length)))
        hairy &= self.of('head', 'neck') & (self._normals[:, 2] > -0.7)
        self.colours[hairy] = colours.hair(rng) + rng.normal(0, 0.02, (hairy.sum(), 1))
        thickness = 0.6 + 0.8 * (height - line + 0.5).clip(0, 1)
        self.thicken(hairy, rng.uniform(0.004, 0.03) * thickness)

    def _pattern(self) -> np.ndarray:
        """Return the colours (V, 3) of cloth: plain, striped or with spots."""
        rng = self._rng
        out = np.tile(colours.any_colour(rng), (len(self._points), 1))
        kind = rng.integers(9)
        if kind == 0:
            wave = np.sin(2 * np.pi * rng.uniform(8, 40) * self._points[:, rng.integers(3)])
            out[wave > rng.uniform(-0.3, 0.6)] = colours.any_colour(rng)
        elif kind == 1:
            waves = self._points @ rng.normal(0, 1, (3, 4)) * rng.uniform(10, 60)
            spots = np.sin(waves + rng.uniform(0, 6, 4)).sum(1) > rng.uniform(0, 1)
            out[spots] = colours.any_colour(rng)
        return out + rng.normal(0, 0.015, (len(out), 1))

    def _folds(self) -> np.ndarray:
        """Return factors (V,) on the thickness of cloth."""
        rng = self._rng
        waves = rng.uniform(3, 16) * (self._points @ rng.normal(0, 1, (3, 2)))
        return ((1 + 0.5 * np.sin(waves[:, 0] + rng.uniform(0, 6)))
                * (1 + 0.3 * np.sin(2 * waves[:, 1])))

    def _along_limbs(self, model: BodyModel, body: Body) -> np.ndarray:
        """Return how far (V,) vertices are along a limb: 0 shoulder or hip, 1 elbow or knee, 2."""
        along = np.zeros(len(body.vertices))
        for side, sign in (('left', 1), ('right', -1)):
            for part, segment in _LIMB_PARTS.items():
                start, end = (body.heads[model.index(rig.on_side(bone, side))]
                              for bone in rig.LIMBS[part])
                where = self.of(part) & (sign * body.vertices[:, 0] > 0)
                bone = end - start
                along[where] = segment + (body.vertices[where] - start) @ bone / (bone @ bone)
        return along


def _cloth_thickness(rng: np.random.Generator) -> float:
    """Return a thickness in metres: tight, ordinary or wide."""
    return _choice(rng, (0.3, 0.004), (0.5, rng.uniform(0.006, 0.02)),
                   (0.2, rng.uniform(0.015, 0.035)))


def _choice(rng: np.random.Generator, *options: tuple[float, float]) -> float:
    """Return the value of one of the options (probability, value)."""
    probabilities, values = zip(*options)
    return float(rng.choice(values, p=probabilities))
