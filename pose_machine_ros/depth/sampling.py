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
from pose_machine_ros.depth import points
from pose_machine_ros.depth.config import DepthConfig
from pose_machine_ros.depth.depth_image import DepthImage
from pose_machine_ros.depth.registration import registered_depth

_POINTS = len(points.NAMES)
_JOINTS = points.select('shoulder', 'hip', 'nose', 'elbow', 'knee', 'wrist', 'ankle')
# Joints from the trunk outwards, with the one before each; -1, the last column, is the trunk.
_LEVELS = [(np.array(level), np.array([points.before(point) for point in level])) for level in (
    points.select('shoulder', 'hip', 'nose', 'trunk'), points.select('elbow', 'knee'),
    points.select('wrist', 'ankle'))]
_MIDDLES = np.array(points.select('upper_arm', 'forearm', 'thigh', 'shin'))
_ENDS = np.array([points.ends_of(point) for point in _MIDDLES]).T  # (2, 8)
_TRUNK = points.select('shoulder', 'hip', 'trunk')


def _disc() -> np.ndarray:
    """Return places (21, 2) in a disc of radius 1: the centre and two rings."""
    rings = [np.zeros((1, 2))]
    for radius, count in ((0.5, 8), (1.0, 12)):
        angle = 2 * np.pi * (np.arange(count) + 0.5) / count
        rings.append(radius * np.stack((np.cos(angle), np.sin(angle)), 1))
    return np.concatenate(rings).astype(np.float32)


_DISC = _disc()
_FEWEST = 5  # samples of a surface
_FEWEST_OF_TRUNK = 12
_BODY_REACH = 0.35  # metres, from the trunk to most other parts
_CANDIDATES = [5]  # of the sorted samples at each point
_MANY = 8  # samples at a point; more do not count for the place of the trunk
_WINDOW = 0.08  # metres, of a surface at a keypoint
_WINDOW_SIGMAS = 4.0  # of the noise; added to it
_HIDDEN = 0.6  # share of samples in front of the reach, of a joint that is hidden by an object
_SMALLEST = 1.0  # px, radius of a neighbourhood


class SkinDistances(NamedTuple):
    """Distances of the skin of P people at the points of points.py, along the rays."""

    metres: np.ndarray  # (P, 27) float32, NaN where unknown
    sigma: np.ndarray  # (P, 27) float32, standard deviation of the point behind it, metres

    @property
    def share(self) -> float:
        """Return the share of the points with a distance; NaN without people."""
        return float(np.isfinite(self.metres).mean()) if self.metres.size else float('nan')


def no_distances(people: int) -> SkinDistances:
    """Return the distances of people without a depth image."""
    return SkinDistances(np.full((people, _POINTS), np.nan, np.float32),
                         np.ones((people, _POINTS), np.float32))


def skin_distances(image: DepthImage, camera: Camera, keypoints: np.ndarray, rays: np.ndarray,
                   config: DepthConfig = DepthConfig()) -> SkinDistances:
    """Return the distances of the skin of P people in a frame.

    `keypoints` (P, 17, 3) are COCO-17 in pixels of the colour `camera`, with scores, and `rays`
    (P, 17, 3) are unit rays through them, NaN where unseen.
    """
    is_seen = np.isfinite(rays[..., 0])
    pixels = np.where(is_seen[..., None], keypoints[..., :2], 0)
    radius = np.maximum(points.RADIUS * _apparent_size(pixels, is_seen)[:, None], _SMALLEST)
    centers = points.KEYPOINT_SHARES @ pixels
    centers[~is_seen @ _NEEDED > 0] = np.nan
    places = centers[:, :, None] + radius[..., None, None] * _DISC
    depths = _depths(image, camera, places, config)
    with np.errstate(invalid='ignore'):
        depths = np.where(depths <= config.max_distance, depths, np.float32(np.nan))
    depths.sort(-1)  # NaN last
    trunk = _trunk_depth(depths)
    window = _WINDOW + _WINDOW_SIGMAS * config.noise * np.square(trunk)
    depth = _follow_bones(_surfaces(depths, window), trunk)
    # Along the ray, which is longer than its z.
    plane = np.where(is_seen[..., None], rays, 0)
    plane = plane[..., :2] / np.where(is_seen, rays[..., 2], 1)[..., None]
    plane = points.KEYPOINT_SHARES @ plane
    distance = depth * np.sqrt(1 + np.square(plane).sum(-1))
    return SkinDistances(distance, np.hypot(points.SIGMA, config.noise * np.square(depth)))


_NEEDED = (points.KEYPOINT_SHARES > 0).T.astype(np.float32)  # (17, 27)


def _apparent_size(pixels: np.ndarray, is_seen: np.ndarray) -> np.ndarray:
    """Return the root mean square distances (P,) of keypoints (P, 17, 2) from their means, px."""
    count = np.maximum(is_seen.sum(1), 1)
    middle = pixels.sum(1) / count[:, None]  # those that are not seen are 0
    away = np.square(pixels - middle[:, None]).sum(-1)
    return np.sqrt((away * is_seen).sum(1) / count)


def _depths(image: DepthImage, camera: Camera, places: np.ndarray,
            config: DepthConfig) -> np.ndarray:
    """Return the depths (*), along z of the colour camera, at pixels (*, 2) of it; NaN in holes."""
    if image.is_on(camera):
        whole = np.rint(np.nan_to_num(places, nan=-1.0)).astype(np.int64)
        return image.metres(whole[..., 0], whole[..., 1])
    return registered_depth(
        image, camera.rays(torch.from_numpy(places)).numpy(), config.max_distance)


def _trunk_depth(samples: np.ndarray) -> np.ndarray:
    """Return the depths (P,) of trunks, from sorted samples (P, 27, S) at the points.

    A person is where most points of the body have a surface: an object in front hides some of them,
    and the background is seen beside the limbs. NaN if there are too few samples.
    """
    candidates = samples[..., _CANDIDATES].reshape(len(samples), -1, 1, 1)
    with np.errstate(invalid='ignore'):
        near = np.abs(samples[:, None] - candidates) <= _BODY_REACH
    support = near.sum(-1)
    votes = np.minimum(support, _MANY).sum(-1)
    best = votes.argmax(1)
    each = np.arange(len(samples))
    trunk = np.where(near[each, best], samples, np.nan)[:, _TRUNK]
    counted = np.isfinite(trunk).sum((1, 2))
    found = candidates[each, best, 0, 0]
    for person in np.flatnonzero(counted >= _FEWEST_OF_TRUNK):
        depths = trunk[person]
        found[person] = np.median(depths[np.isfinite(depths)])
    return np.where(votes[each, best] >= _FEWEST_OF_TRUNK, found, np.float32(np.nan))


class _Surfaces(NamedTuple):
    """What the samples (P, 27, S) at each point show, sorted from near to far, NaN last."""

    nearest: np.ndarray  # (P, 27, S) each sample, as the nearest one of a surface
    middle: np.ndarray  # (P, 27, S) the depth of that surface
    are_enough: np.ndarray  # (P, 27, S) bool: whether enough samples show it
    most: np.ndarray  # (P, 27) number of samples in front that hide a point


def _surfaces(samples: np.ndarray, window: np.ndarray) -> _Surfaces:
    """Return the surfaces in sorted samples; each is up to `window` (P,) metres deep."""
    end = samples + window[:, None, None]
    with np.errstate(invalid='ignore'):
        # The number of samples from each on: those before are nearer than its end, too.
        count = (samples[..., None, :] <= end[..., None]).sum(-1) - np.arange(samples.shape[-1])
    middle = _EACH_SAMPLE + np.maximum(count, 0) // 2
    return _Surfaces(samples, np.take_along_axis(samples, middle, -1), count >= _FEWEST,
                     _HIDDEN * np.isfinite(samples).sum(-1))


_EACH_SAMPLE = np.arange(len(_DISC))


def _follow_bones(surfaces: _Surfaces, trunk: np.ndarray) -> np.ndarray:
    """Return the depths (P, 27) of the points, from the trunk's (P,) outwards; NaN if unknown.

    The depth of a point is that of the nearest surface in reach, unless something nearer hides most
    of it.
    """
    depth = np.full((len(trunk), _POINTS), np.nan, np.float32)
    # What is not measured may be anywhere in its reach, and the next joint further.
    middle = np.repeat(trunk[:, None], _POINTS + 1, 1)
    slack = np.zeros_like(middle)

    def measure(chosen: np.ndarray, center: np.ndarray, slack_before: np.ndarray) -> None:
        nearest, depths, are_enough, most = (part[:, chosen] for part in surfaces)
        reach = points.REACH[chosen] + slack_before
        with np.errstate(invalid='ignore'):
            is_behind = nearest >= (center - reach)[..., None]
            is_in_reach = are_enough & is_behind & (nearest <= (center + reach)[..., None])
            in_front = (nearest < (center - reach)[..., None]).sum(-1)
        first = is_in_reach.argmax(-1)
        rows = np.arange(len(trunk))[:, None], np.arange(len(chosen)), first
        is_known = is_in_reach[rows] & (in_front <= most)
        found = depths[rows]
        depth[:, chosen] = np.where(is_known, found, np.float32(np.nan))
        middle[:, chosen] = np.where(is_known, found, center)
        slack[:, chosen] = np.where(is_known, 0, reach)

    for level, before in _LEVELS:
        measure(level, middle[:, before], slack[:, before])
    measure(_MIDDLES, *(x[:, _ENDS].mean(1) for x in (middle, slack)))
    return depth
