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
_LEVELS = [(level, [points.before(point) for point in level]) for level in (
    points.select('shoulder', 'hip', 'nose', 'trunk'), points.select('elbow', 'knee'),
    points.select('wrist', 'ankle'))]
_MIDDLES = points.select('upper_arm', 'forearm', 'thigh', 'shin')
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
_TRUNK_WINDOW = 0.35  # metres from the nearest to the farthest sample of a trunk
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
    depth = _follow_bones(depths, _trunk_depth(depths), config)
    rays = camera.rays(torch.from_numpy(centers)).numpy()
    return SkinDistances((depth / rays[..., 2]).astype(np.float32), np.hypot(
        points.SIGMA, config.noise * np.square(depth)).astype(np.float32))


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
    """Return the depths (P,) of trunks: the middle of the most samples that fit in one trunk.

    `samples` (P, 27, S) are depths at the points. NaN if there are too few.
    """
    found = np.full(len(samples), np.nan, np.float32)
    for person, at_points in enumerate(samples):
        for chosen in (_TRUNK, _JOINTS):
            depths = at_points[chosen]
            depths = np.sort(depths[np.isfinite(depths)])
            if len(depths) >= _FEWEST_OF_TRUNK:
                ends = depths.searchsorted(depths + _TRUNK_WINDOW, 'right')
                first = (ends - np.arange(len(depths))).argmax()
                found[person] = depths[(first + ends[first]) // 2]
                break
    return found


def _follow_bones(samples: np.ndarray, trunk: np.ndarray, config: DepthConfig) -> np.ndarray:
    """Return the depths (P, 27) of the points, from sorted samples (P, 27, S) and the trunk's."""
    depth = np.full(samples.shape[:2], np.nan, np.float32)
    # What is not measured may be anywhere in its reach, and the next joint further.
    middle = np.repeat(trunk[:, None], _POINTS + 1, 1)
    slack = np.zeros_like(middle)
    window = _WINDOW + _WINDOW_SIGMAS * config.noise * np.square(trunk)

    def measure(chosen: list[int], center: np.ndarray, slack_before: np.ndarray) -> None:
        reach = points.REACH[chosen] + slack_before
        found = _nearest_surface(samples[:, chosen], center - reach, center + reach, window)
        depth[:, chosen] = found
        is_known = np.isfinite(found)
        middle[:, chosen] = np.where(is_known, found, center)
        slack[:, chosen] = np.where(is_known, 0, reach)

    for level, before in _LEVELS:
        measure(level, middle[:, before], slack[:, before])
    measure(_MIDDLES, *(x[:, _ENDS].mean(1) for x in (middle, slack)))
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
