# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From the output maps of MoveNet to keypoints, without synchronizing with the GPU.

Each cell of a map covers 4 x 4 input pixels. A person is a peak of the centre map. There, the
regression map gives rough keypoints; the heatmap near each of them gives the cell, and the offset
map the place within the cell.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from pose_machine_ros.devices import index_tensor
from pose_machine_ros.keypoints2d.feature_sampling import sample_features
from pose_machine_ros.keypoints2d.movenet import STRIDE
from pose_machine_ros.skeleton import COCO_17

_KEYPOINTS = len(COCO_17)
_CENTRE_PRIOR, _HEATMAP_PRIOR = 1.8, 1.8  # cells; the weight of a peak falls with distance
_PEAK_WINDOW = 5  # cells
_HEATMAP_SPREAD = 0.3  # variance of the weight in cells, over the shorter side of the map
_MIN_COUNTED_SCORE = 0.127  # lower keypoints do not count for the score of a person


def decode_person(center: Tensor, heatmap: Tensor, regress: Tensor, offset: Tensor,
                  features: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
    """Return what `decode_single` returns, and the features (B, 26, C) at the person.

    There are none without maps of `features` (B, C, S / 4, S / 4). The other maps are those of
    `decode_single`.
    """
    keypoints = decode_single(center, heatmap, regress, offset)
    return keypoints, None if features is None else sample_features(features, keypoints)


def decode_single(center: Tensor, heatmap: Tensor, regress: Tensor, offset: Tensor) -> Tensor:
    """Return keypoints (B, 17, 3) of the person nearest to the middle: u, v in px, score.

    In px of the input. Maps (B, 1 | 17 | 34 | 34, S, S).
    """
    batch, _, size, _ = center.shape
    grid = torch.arange(size, device=center.device, dtype=center.dtype)
    away = torch.hypot(grid[:, None] - size // 2, grid[None] - size // 2)
    weighted = center[:, 0].sigmoid() / (away + _CENTRE_PRIOR)
    peak = weighted.flatten(1).argmax(1)
    rough = _at(regress, peak[:, None]).view(batch, _KEYPOINTS, 2)  # y, x from the peak
    y = (peak // size)[:, None] + rough[..., 0]
    x = (peak % size)[:, None] + rough[..., 1]

    heat = heatmap.sigmoid()
    away = torch.hypot(grid[:, None] - y[..., None, None], grid[None] - x[..., None, None])
    cell = (heat / (away + _HEATMAP_PRIOR)).flatten(2).argmax(2)  # (B, 17)
    return _refine(cell[:, None], heat, offset)[:, 0]


def decode_multi(center: Tensor, heatmap: Tensor, regress: Tensor, offset: Tensor,
                 box_scale: Tensor, box_offset: Tensor, *, count: int = 6
                 ) -> tuple[Tensor, Tensor, Tensor]:
    """Return keypoints (B, N, 17, 3), boxes (B, N, 4) and scores (B, N) of N = `count` people.

    Keypoints are u, v, score; boxes are left, top, right, bottom; in px of the input. N is less
    than `count` if the maps have fewer cells. Maps (B, 1 | 17 | 34 | 34 | 2 | 2, H, W).
    """
    batch, _, height, width = center.shape
    count = min(count, height * width)
    likely = center.sigmoid()
    top = functional.max_pool2d(likely, _PEAK_WINDOW, 1, _PEAK_WINDOW // 2)
    score, peak = torch.where(likely == top, likely, 0.0).flatten(1).topk(count, 1)
    row, column = peak // width, peak % width

    middle = torch.stack((row, column), -1) + _at(box_offset, peak)
    half = _at(box_scale, peak).clamp_min(0) / 2
    limit = index_tensor((height, width), middle.device)
    low, high = ((middle + sign * half).clamp_min(0).minimum(limit) for sign in (-1, 1))

    rough = _at(regress, peak).unflatten(-1, (_KEYPOINTS, 2))
    y, x = row[..., None] + rough[..., 0], column[..., None] + rough[..., 1]
    rows = torch.arange(height, device=center.device, dtype=center.dtype)
    columns = torch.arange(width, device=center.device, dtype=center.dtype)
    spread = min(height, width) * _HEATMAP_SPREAD
    near_y = torch.exp(-(rows - y[..., None]).square() / spread)  # (B, N, 17, H)
    near_x = torch.exp(-(columns - x[..., None]).square() / spread)
    near_y = near_y * ((rows >= low[..., :1]) & (rows < high[..., :1]))[:, :, None]
    near_x = near_x * ((columns >= low[..., 1:]) & (columns < high[..., 1:]))[:, :, None]
    heat = heatmap.sigmoid()
    # One person at a time: the maps of all people do not fit the cache of a CPU.
    best = [(heat * near_y[:, n, :, :, None] * near_x[:, n, :, None, :]).flatten(2).max(2)
            for n in range(count)]
    keypoints = _refine(torch.stack([b.indices for b in best], 1), heat, offset)
    keypoints[..., 2] = torch.stack([b.values for b in best], 1)
    counted = keypoints[..., 2] > _MIN_COUNTED_SCORE
    mean = (keypoints[..., 2] * counted).sum(-1) / counted.sum(-1).clamp_min(1)
    boxes = STRIDE * torch.cat((low.flip(-1), high.flip(-1)), -1)
    return keypoints, boxes, score * mean


def _at(maps: Tensor, cells: Tensor) -> Tensor:
    """Return the values (B, N, C) of maps (B, C, H, W) at flat cells (B, N)."""
    index = cells[:, None].expand(-1, maps.shape[1], -1)
    return maps.flatten(2).gather(2, index).mT


def _refine(cell: Tensor, heat: Tensor, offset: Tensor) -> Tensor:
    """Return u, v in px and score (B, N, 17, 3) of keypoints at flat cells (B, N, 17)."""
    batch, _, height, width = heat.shape
    by_keypoint = cell.mT  # (B, 17, N)
    score = heat.flatten(2).gather(2, by_keypoint).mT
    offset = offset.view(batch, _KEYPOINTS, 2, height * width)
    within = offset.gather(3, by_keypoint[:, :, None].expand(-1, -1, 2, -1)).permute(0, 3, 1, 2)
    v = cell // width + within[..., 0]
    u = cell % width + within[..., 1]
    return torch.stack((STRIDE * u, STRIDE * v, score), -1)
