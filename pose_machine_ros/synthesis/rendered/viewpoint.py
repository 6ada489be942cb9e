# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A fixed random camera that has a person in view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.synthesis import views
from pose_machine_ros.synthesis.rendered.person import PosedPerson

_WIDTHS = (640, 848, 1280, 1920)  # px, of the longer side of the whole picture
_TRIES = 128  # random cameras for one person, before it is given up
_NEAREST_PELVIS, _NEAREST_POINT = 1.0, 0.25  # metres
_LEAST_SIZE = 40  # px, of a person's bounding box
_TRUNCATED = 0.12  # probability of accepting a view that does not show the whole body
_LEAST_KEYPOINTS = 12
_BODY = [i for i, name in enumerate(COCO_17.names) if i >= COCO_17.index('left_shoulder')]
_TRUNK = [i for i, name in enumerate(COCO_17.names) if 'hip' in name or 'shoulder' in name]


@dataclass(frozen=True)
class Viewpoint:
    """A camera without distortion in the world frame."""

    intrinsics: np.ndarray  # (3, 3) px of the whole picture
    size: tuple[int, int]  # px, width and height of the whole picture
    rotation: np.ndarray  # (3, 3) from the world to the optical frame
    position: np.ndarray  # (3,) metres

    def seen(self, points: np.ndarray) -> np.ndarray:
        """Return world points (*, 3) in the optical frame."""
        return (points - self.position) @ self.rotation.T

    def project(self, points: np.ndarray) -> np.ndarray:
        """Return the px (*, 2) of world points (*, 3) in the whole picture."""
        return project(self.seen(points), self.intrinsics)

    def inside(self, points: np.ndarray) -> np.ndarray:
        """Return whether world points (*, 3) lie in the whole picture, (*,) bool."""
        pixels = self.project(points)
        return ((pixels > -0.5) & (pixels < np.array(self.size) - 0.5)).all(-1) & (
            self.seen(points)[..., 2] > 0)


def sample_viewpoint(person: PosedPerson, rng: np.random.Generator) -> Viewpoint | None:
    """Return a random camera that sees the person well enough in all frames, or None."""
    generator = torch.Generator().manual_seed(int(rng.integers(2 ** 62)))
    points = torch.from_numpy(np.concatenate((person.joints[:, :1], person.keypoints), 1)).float()
    seen = views.sample_views(points.expand(_TRIES, *points.shape), generator)
    for i in range(_TRIES):
        longest = _WIDTHS[rng.integers(len(_WIDTHS))]
        half = seen.half_extent[i].double().numpy()
        focal = longest / 2 / half.max()
        width, height = (int(round(side)) for side in 2 * focal * half)
        intrinsics = np.array(((focal, 0, (width - 1) / 2), (0, focal, (height - 1) / 2),
                               (0, 0, 1)))
        viewpoint = Viewpoint(intrinsics, (width, height), seen.rotation[i].double().numpy(),
                              seen.position[i].double().numpy())
        if _shows(viewpoint, person, rng):
            return viewpoint
    return None


def project(points: np.ndarray, intrinsics: np.ndarray) -> np.ndarray:
    """Return the px (*, 2) of points (*, 3) in the optical frame."""
    homogeneous = points @ np.swapaxes(intrinsics, -1, -2)
    return homogeneous[..., :2] / homogeneous[..., 2:].clip(1e-3)


def _shows(viewpoint: Viewpoint, person: PosedPerson, rng: np.random.Generator) -> bool:
    """Return whether a view of the person is usable, some partial views among them."""
    inside = viewpoint.inside(person.keypoints)
    if not inside[:, _BODY].all():
        enough = (inside.sum(1) >= _LEAST_KEYPOINTS).all() and inside[:, _TRUNK].all()
        if not enough or rng.uniform() >= _TRUNCATED:
            return False
    pixels = viewpoint.project(person.keypoints)
    return bool((viewpoint.seen(person.joints[:, 0])[:, 2] > 0.5).all()
                and np.linalg.norm(person.joints[0, 0] - viewpoint.position) > _NEAREST_PELVIS
                and np.ptp(pixels, axis=1).max() > _LEAST_SIZE
                and viewpoint.seen(person.surface)[..., 2].min() > _NEAREST_POINT)
