# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How far the skin is at each keypoint of people, from a depth image.

One pixel at a keypoint may show a hole, the background, or something in front of the person. So a
neighbourhood is sampled, as large as the part of the body. The depths in it are of several
surfaces. Of those that the joint's position in the body allows, the nearest one that enough samples
show is taken: behind it are only the background and other parts of the person. What the body allows
is found from the trunk outwards, as far as bones reach.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.depth.config import DepthConfig
from pose_machine_ros.depth.depth_image import DepthImage
from pose_machine_ros.depth.registration import registered_depth
from pose_machine_ros.depth.skin import SKIN_SIGMA
from pose_machine_ros.skeleton import COCO_17, SHARED_KEYPOINTS

# Radius of the neighbourhood, relative to the apparent size of the person (root mean square distance
# of the keypoints from their mean, a quarter of the height of a standing person), and how far the
# part may be nearer or further than the one before it in the body, metres.
_RADIUS = {'nose': 0.12, 'shoulder': 0.12, 'elbow': 0.08, 'wrist': 0.07, 'hip': 0.14, 'knee': 0.10,
           'ankle': 0.08}
_REACH = {'nose': 0.45, 'shoulder': 0.30, 'elbow': 0.38, 'wrist': 0.34, 'hip': 0.30, 'knee': 0.50,
          'ankle': 0.50}
_BEFORE = {'elbow': 'shoulder', 'wrist': 'elbow', 'knee': 'hip', 'ankle': 'knee'}

_NAMES = [COCO_17.names[keypoint] for keypoint in SHARED_KEYPOINTS]
_PARTS = [name.rpartition('_')[2] for name in _NAMES]
_RADII = np.float32([_RADIUS[part] for part in _PARTS])
_REACHES = np.float32([_REACH[part] for part in _PARTS])


def _joints(*parts: str) -> list[int]:
    return [i for i, part in enumerate(_PARTS) if part in parts]


# Parts from the trunk outwards, with the index of the part before each, -1 for the trunk.
_LEVELS = [(joints, [_NAMES.index(_NAMES[i].replace(_PARTS[i], _BEFORE[_PARTS[i]]))
                     if _PARTS[i] in _BEFORE else -1 for i in joints])
           for joints in (_joints('shoulder', 'hip', 'nose'), _joints('elbow', 'knee'),
                          _joints('wrist', 'ankle'))]
_TRUNK = _joints('shoulder', 'hip')


def _disc() -> np.ndarray:
    """Return places (21, 2) in a disc of radius 1: the centre and two rings."""
    rings = [np.zeros((1, 2))]
    for radius, count in ((0.5, 8), (1.0, 12)):
        angle = 2 * np.pi * (np.arange(count) + 0.5) / count
        rings.append(radius * np.stack((np.cos(angle), np.sin(angle)), 1))
    return np.concatenate(rings).astype(np.float32)


_DISC = _disc()
# Places between the shoulders and the hips, as shares of those four.
_WITHIN = np.float32([[(1 - d) * (1 - s), (1 - d) * s, d * (1 - s), d * s]
                      for d in (0.2, 0.4, 0.6, 0.8) for s in (0.25, 0.5, 0.75)])
_FEWEST = 5  # samples of a surface
_FEWEST_OF_TRUNK = 12
_TRUNK_WINDOW = 0.35  # metres from the nearest to the farthest sample of a trunk
_WINDOW = 0.08  # metres, of a surface at a keypoint
_WINDOW_SIGMAS = 4.0  # of the noise; added to it
_HIDDEN = 0.6  # share of samples in front of the reach, of a joint that is hidden by an object
_SMALLEST = 1.0  # px, radius of a neighbourhood


class SkinDistances(NamedTuple):
    """Distances of the skin of P people at the 13 keypoints that are joints, along their rays."""

    metres: np.ndarray  # (P, 13) float32, NaN where unknown
    sigma: np.ndarray  # (P, 13) float32, standard deviation of the joint behind it, metres

    @property
    def share(self) -> float:
        """Return the share of the keypoints with a distance; NaN without people."""
        return float(np.isfinite(self.metres).mean()) if self.metres.size else float('nan')


def no_distances(people: int) -> SkinDistances:
    """Return the distances of people without a depth image."""
    return SkinDistances(np.full((people, len(_NAMES)), np.nan, np.float32),
                         np.ones((people, len(_NAMES)), np.float32))


def skin_distances(image: DepthImage, camera: Camera, keypoints: np.ndarray, rays: np.ndarray,
                   config: DepthConfig = DepthConfig()) -> SkinDistances:
    """Return the distances of the skin of P people in a frame.

    `keypoints` (P, 17, 3) are COCO-17 in pixels of the colour `camera`, with scores, and `rays`
    (P, 17, 3) are unit rays through them, NaN where unseen.
    """
    rays = rays[:, SHARED_KEYPOINTS]
    pixels = np.where(np.isfinite(rays[..., :1]), keypoints[:, SHARED_KEYPOINTS, :2],
                      np.float32(np.nan))
    size = _apparent_size(pixels)
    radius = np.maximum(_RADII * size[:, None], _SMALLEST)
    around = pixels[:, :, None] + radius[..., None, None] * _DISC
    within = _WITHIN @ pixels[:, _TRUNK_ORDER]
    people, joints, samples = around.shape[:3]
    places = np.concatenate((around.reshape(people, -1, 2), within), 1)
    depths = _depths(image, camera, places, config)
    with np.errstate(invalid='ignore'):
        depths = np.where(depths <= config.max_distance, depths, np.float32(np.nan))
    around, within = np.split(depths, [joints * samples], 1)
    around = np.sort(around.reshape(people, joints, samples), -1)  # NaN last
    trunk = _trunk_depth(around, within)
    depth = _follow_bones(around, trunk, config)
    distance = depth / rays[..., 2]
    noise = config.noise * np.square(depth)
    return SkinDistances(distance.astype(np.float32),
                         np.hypot(SKIN_SIGMA, noise).astype(np.float32))


_TRUNK_ORDER = [_NAMES.index(name) for name in
                ('left_shoulder', 'right_shoulder', 'left_hip', 'right_hip')]


def _apparent_size(pixels: np.ndarray) -> np.ndarray:
    """Return the root mean square distances (P,) of keypoints (P, 13, 2) from their means, px."""
    seen = np.isfinite(pixels[..., :1])
    count = np.maximum(seen.sum(1), 1)
    filled = np.where(seen, pixels, 0)
    away = np.where(seen, filled - (filled.sum(1) / count)[:, None], 0)
    return np.sqrt(np.square(away).sum((1, 2)) / count[:, 0])


def _depths(image: DepthImage, camera: Camera, places: np.ndarray,
            config: DepthConfig) -> np.ndarray:
    """Return the depths (*), along z of the colour camera, at pixels (*, 2) of it; NaN in holes."""
    if image.is_on(camera):
        whole = np.rint(np.nan_to_num(places, nan=-1.0)).astype(np.int64)
        return image.metres(whole[..., 0], whole[..., 1])
    return registered_depth(
        image, camera.rays(torch.from_numpy(places)).numpy(), config.max_distance)


def _trunk_depth(around: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Return the depths (P,) of trunks: the middle of the most samples that fit in one trunk.

    `around` (P, 13, 21) and `within` (P, 12) are depths at the keypoints and between them. NaN if
    there are too few samples.
    """
    found = np.full(len(around), np.nan, np.float32)
    for person, (at_keypoints, inside) in enumerate(zip(around, within)):
        depths = np.concatenate((at_keypoints[_TRUNK].ravel(), inside))
        depths = np.sort(depths[np.isfinite(depths)])
        if len(depths) < _FEWEST_OF_TRUNK:
            depths = np.sort(at_keypoints[np.isfinite(at_keypoints)])
        if len(depths) >= _FEWEST_OF_TRUNK:
            ends = depths.searchsorted(depths + _TRUNK_WINDOW, 'right')
            first = (ends - np.arange(len(depths))).argmax()
            found[person] = depths[(first + ends[first]) // 2]
    return found


def _follow_bones(around: np.ndarray, trunk: np.ndarray, config: DepthConfig) -> np.ndarray:
    """Return the depths (P, 13) of the parts, from sorted samples (P, 13, 21) and the trunk's."""
    depth = np.full(around.shape[:2], np.nan, np.float32)
    # What is not measured may be anywhere in its reach, and the next part further.
    middle = np.repeat(trunk[:, None], len(_PARTS) + 1, 1)  # the last is the trunk
    slack = np.zeros_like(middle)
    window = _WINDOW + _WINDOW_SIGMAS * config.noise * np.square(trunk)
    for joints, before in _LEVELS:
        reach = _REACHES[joints] + slack[:, before]
        center = middle[:, before]
        found = _nearest_surface(around[:, joints], center - reach, center + reach, window)
        depth[:, joints] = found
        is_known = np.isfinite(found)
        middle[:, joints] = np.where(is_known, found, center)
        slack[:, joints] = np.where(is_known, 0, reach)
    return depth


def _nearest_surface(samples: np.ndarray, low: np.ndarray, high: np.ndarray,
                     window: np.ndarray) -> np.ndarray:
    """Return the depths (P, J) of the nearest surfaces between `low` and `high` (P, J).

    `samples` (P, J, S) are sorted, NaN last; a surface is at least _FEWEST of them within
    `window` (P,) metres. NaN if there is none, or if something nearer than `low` hides most.
    """
    low, high = low[..., None], high[..., None]
    with np.errstate(invalid='ignore'):
        end = np.minimum(samples + window[:, None, None], high)
        inside = (samples[..., None, :] >= samples[..., None]) & (
            samples[..., None, :] <= end[..., None])
        count = inside.sum(-1)
        is_surface = (samples >= low) & (samples <= high) & (count >= _FEWEST)
        in_front = (samples < low).sum(-1)
        valid = np.isfinite(samples).sum(-1)
    first = is_surface.argmax(-1)[..., None]
    middle = first + np.take_along_axis(count, first, -1) // 2
    depth = np.take_along_axis(samples, np.minimum(middle, samples.shape[-1] - 1), -1)[..., 0]
    is_found = is_surface.any(-1) & (in_front <= _HIDDEN * valid)
    return np.where(is_found, depth, np.float32(np.nan))
