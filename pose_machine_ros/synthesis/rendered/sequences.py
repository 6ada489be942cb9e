# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rendered sequences of random people in random surroundings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.synthesis.rendered import close_ups
from pose_machine_ros.synthesis.rendered.backgrounds import background, Bystanders
from pose_machine_ros.synthesis.rendered.close_ups import CloseUps
from pose_machine_ros.synthesis.rendered.degradation import Degradation
from pose_machine_ros.synthesis.rendered.lights import random_lights
from pose_machine_ros.synthesis.rendered.meshes import Mesh
from pose_machine_ros.synthesis.rendered.motions import Motion, short_motions
from pose_machine_ros.synthesis.rendered.occluders import random_occluder
from pose_machine_ros.synthesis.rendered.person import Person, PosedPerson
from pose_machine_ros.synthesis.rendered.random_bodies import RandomBodies
from pose_machine_ros.synthesis.rendered.renderer import Renderer
from pose_machine_ros.synthesis.rendered.seat import seat_below, sits
from pose_machine_ros.synthesis.rendered.shadows import Shadow
from pose_machine_ros.synthesis.rendered.shards import RenderedSequence
from pose_machine_ros.synthesis.rendered.stage import Stage
from pose_machine_ros.synthesis.rendered.textures import cloud, Textures
from pose_machine_ros.synthesis.rendered.viewpoint import project, sample_viewpoint, Viewpoint

FRAMES = 4
_SEATS = 0.5  # share of the people who sit
_PHOTOS_OF_OCCLUDERS = 0.6  # share, if there are photos


class SequenceRenderer:
    """Renders people; body model and graphics context are made once."""

    def __init__(self, data: MotionCaptureDataset, photos: Sequence[np.ndarray]) -> None:
        self._data, self._photos = data, photos
        self._bodies = RandomBodies()
        self._renderer = Renderer(close_ups.SIZE)

    def sequences(self, seed: Sequence[int]) -> Iterator[RenderedSequence]:
        """Yield endless random sequences; the same seed gives the same sequences."""
        rng = np.random.default_rng(seed)
        bystanders = Bystanders()
        for motion in short_motions(self._data, FRAMES, int(rng.integers(2 ** 31))):
            person = Person(self._bodies.model, self._bodies.sample(rng), rng)
            posed = person.pose(motion.joints)
            viewpoint = sample_viewpoint(posed, rng)
            if viewpoint is not None:
                yield self._render(person, posed, motion, viewpoint, bystanders, rng)

    def _render(self, person: Person, posed: PosedPerson, motion: Motion, viewpoint: Viewpoint,
                bystanders: Bystanders, rng: np.random.Generator) -> RenderedSequence:
        views = close_ups.around(posed, viewpoint, rng)
        stage = Stage.of(views)
        matrices = views.matrices() @ viewpoint.intrinsics
        layers = self._people(person, posed, viewpoint, matrices, rng)
        textures = Textures(self._photos, rng)
        behind = background(textures, stage.size, stage.matrix @ viewpoint.intrinsics,
                            viewpoint.rotation, viewpoint.position, rng)
        behind = bystanders.join(behind, rng)
        bystanders.add(*layers[0])
        occluder = random_occluder(stage.put(layers[0][1], 0), rng)
        before = textures.any(*stage.size, _PHOTOS_OF_OCCLUDERS) if occluder is not None else None
        shadow = Shadow.random(rng)
        degradation = Degradation.random(rng, views.scales.mean())

        keypoints = viewpoint.seen(posed.keypoints)
        jpeg, visible = [], np.ones(keypoints.shape[:2], bool)
        for frame, (picture, mask) in enumerate(layers):
            floor = viewpoint.seen(shadow.dropped(posed.surface[frame]))
            floor = floor[floor[:, 2] > 0.2]
            light = shadow.light(project(floor, matrices[frame]), close_ups.SIZE)
            out = stage.cut(behind, frame) * light[..., None]
            out += mask[..., None] * (picture - out)
            if occluder is not None:
                hidden = stage.cut(occluder, frame)
                out += hidden[..., None] * (stage.cut(before, frame) - out)
                visible[frame] = ~_marked(hidden, project(keypoints[frame], matrices[frame]))
            out = degradation.apply(out, rng)
            jpeg.append(degradation.encode(_blacken_outside(out, views, viewpoint, frame)))
        return RenderedSequence(
            jpeg, viewpoint.seen(posed.joints), keypoints, matrices, views.regions(),
            np.array(person.stature), viewpoint.inside(posed.keypoints), visible,
            viewpoint.rotation[:, 2], motion.steps)

    def _people(self, person: Person, posed: PosedPerson, viewpoint: Viewpoint,
                matrices: np.ndarray, rng: np.random.Generator
                ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the picture and the mask of the person, and of a seat, in each close-up."""
        seat = seat_below(posed, rng) if sits(posed) and rng.uniform() < _SEATS else None
        lights = random_lights(viewpoint.rotation[:, 2], rng)
        roughness = rng.uniform(0.5, 1)
        size = close_ups.SIZE
        fabric = 1 + sum(rng.uniform(0, 0.05) * cloud(rng, size, size, rng.uniform(*scales))
                         for scales in ((2, 6), (8, 30)))
        layers = []
        for surface, normals, matrix in zip(posed.surface, posed.normals, matrices):
            body = Mesh(surface, normals, self._bodies.model.faces, person.colours)
            meshes = [mesh.seen(viewpoint.rotation, viewpoint.position)
                      for mesh in (body, seat) if mesh is not None]
            picture, mask = self._renderer.render(meshes, matrix, lights, roughness)
            layers.append((picture * fabric[..., None], mask))
        return layers


def _marked(mask: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Return at which pixels (N, 2) a mask (S, S) is set; not at those outside of it."""
    columns, rows = pixels.round().astype(int).T
    size = len(mask)
    inside = (columns >= 0) & (rows >= 0) & (columns < size) & (rows < size)
    return inside & (mask[rows.clip(0, size - 1), columns.clip(0, size - 1)] > 0.5)


def _blacken_outside(picture: np.ndarray, views: CloseUps, viewpoint: Viewpoint,
                     frame: int) -> np.ndarray:
    """Return the close-up (S, S, 3), black where it reaches over the camera's picture."""
    matrix, size = views.matrices()[frame], np.array(viewpoint.size)
    low = (matrix[:2, :2] @ np.full(2, -0.5) + matrix[:2, 2] + 0.5).round().astype(int).clip(0)
    high = (matrix[:2, :2] @ (size - 0.5) + matrix[:2, 2] + 0.5).round().astype(int).clip(0)
    out = np.zeros_like(picture)
    rows, columns = slice(low[1], high[1]), slice(low[0], high[0])
    out[rows, columns] = picture[rows, columns]
    return out
