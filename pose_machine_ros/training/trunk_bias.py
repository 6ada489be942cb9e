# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Systematic errors of a 2D network at hips and shoulders, estimated from video without labels.

A 2D network places hips and shoulders where its annotators did, not at the joint centres of the
motion capture. Such a bias is the same for all people of a camera. The lifter takes most of it for
the pose, and a small part shows: as a reprojection error in the body's frame, and as unusual
proportions. How much shows is measured on simulated clips, whose bias is known. There the figures
of a clip are a linear function of the bias with a Gaussian deviation, which differs between people.
The estimate from video is the bias whose expected figures fit best.

A bias (2,) is the upward error of the hips and that of the shoulders, as shares of the trunk's
length. Outward errors cannot be told from the widths of the people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
import itertools

import torch
from torch import Tensor

from pose_machine_ros.correction.root import locate
from pose_machine_ros.lifting.features import NOMINAL_STEP, PersonView, rays_of, view_people
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17, SHARED_JOINTS, SHARED_KEYPOINTS
from pose_machine_ros.synthesis.clips import Batch
from pose_machine_ros.training.losses import bone_vectors

SIZE = 2
_SIGMA = 0.06  # of each number of the bias, before anything is known
_RIDGE = 1e-4  # added to the variance of each figure
_SIMULATED, _FILMED = 640, 192  # clips for an estimate


def _pair(name: str, names: list[str]) -> list[int]:
    return [names.index(f'left_{name}'), names.index(f'right_{name}')]


_HIPS, _SHOULDERS = (_pair(name, list(COCO_17.names)) for name in ('hip', 'shoulder'))
_SEEN = [COCO_17.names[k] for k in SHARED_KEYPOINTS]
_LIMBS = [_pair(name, _SEEN) for name in ('shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle')]
_MIRROR_BONES = list(HUMAN36M_17.mirror_bones)


def misplace(plane: Tensor, bias: Tensor) -> Tensor:
    """Return keypoints (*, 17, 2) with the errors of a `bias` (*, 2), which is broadcast."""
    up, _ = _trunk(plane)
    moved = plane.clone()
    for pair, share in zip((_HIPS, _SHOULDERS), bias[..., None].unbind(-2)):
        moved[..., pair, :] += (share * up)[..., None, :]
    return moved


def with_bias(batch: Batch, bias: Tensor) -> Batch:
    """Return the batch as a network with a `bias` (2,), or (B, 2) of each clip, would see it."""
    view, bias = batch.view, bias.to(batch.joints).expand(len(batch.joints), SIZE)[:, None]
    seen = _with_plane(view, view.plane + misplace(batch.true_plane, bias) - batch.true_plane)
    turn = view.rotation @ seen.rotation.mT  # from the person camera before to the new one
    true = rays_of(batch.true_plane) @ turn
    return replace(batch, view=seen, joints=batch.joints @ turn,
                   true_plane=true[..., :2] / true[..., 2:].clamp_min(0.05))


def without_bias(view: PersonView, bias: Tensor) -> PersonView:
    """Return people as seen by a network without the bias (2,) that their keypoints have.

    Frames in which hips and shoulders are not all seen stay as they are.
    """
    bias = bias.to(view.plane)
    # The trunk that is seen is longer than the true one by the difference of the two errors.
    moved = misplace(view.plane, -bias / (1 + bias[1] - bias[0]))
    is_whole = (view.weights[..., _HIPS + _SHOULDERS] > 0).all(-1)
    return _with_plane(view, torch.where(is_whole[..., None, None], moved, view.plane))


class BiasedClips:
    """An endless iterator of batches with a bias (2,)."""

    def __init__(self, clips: Iterator[Batch], bias: Tensor) -> None:
        self._clips, self._bias = clips, bias

    def __next__(self) -> Batch:
        return with_bias(next(self._clips), self._bias)

    def __iter__(self) -> BiasedClips:
        return self


class TrunkBiasEstimator:
    """Estimates the bias of a 2D network from the figures of a lifter on its keypoints."""

    def __init__(self, lifter: RecurrentLifter, simulated: Iterable[Batch], seed: int = 0) -> None:
        """Measure on simulated clips, without a bias, how a bias shows in the figures."""
        self._lifter = lifter
        generator = torch.Generator().manual_seed(seed)
        biases, figures = [], []
        for batch in simulated:
            bias = 2 * _SIGMA * torch.randn(len(batch.joints), SIZE, generator=generator)
            biases.append(bias)
            figures.append(self._figures(with_bias(batch, bias).view))
        x = torch.cat(biases).double()
        x = torch.cat((torch.ones(len(x), 1, dtype=x.dtype), x), 1)
        y = torch.cat(figures)
        usable = y.isfinite().all(1)
        x, y = x[usable], y[usable]
        fitted = torch.linalg.lstsq(x, y).solution
        self._usual, self._effect = fitted[0], fitted[1:]  # (N,), (2, N)
        self._covariance = (y - x @ fitted).T.cov() + _RIDGE * torch.eye(y.shape[1]).double()

    def __call__(self, footage: Iterable[PersonView]) -> tuple[Tensor, Tensor]:
        """Return the bias (2,) of the clips (B, T, ...) and its standard deviations (2,).

        Every clip counts as another person, so the standard deviations are too small if some clips
        show the same one.
        """
        y = torch.cat([self._figures(view) for view in footage])
        y = y[y.isfinite().all(1)]
        sharpness = torch.linalg.inv(self._covariance) * len(y)
        information = self._effect @ sharpness @ self._effect.T \
            + torch.eye(SIZE).double() / _SIGMA ** 2
        covariance = torch.linalg.inv(information)
        if not len(y):
            return torch.zeros(SIZE), covariance.diagonal().sqrt().float()
        mean = covariance @ self._effect @ sharpness @ (y.mean(0) - self._usual)
        return mean.float(), covariance.diagonal().sqrt().float()

    @torch.no_grad()
    def _figures(self, view: PersonView) -> Tensor:
        """Return the figures of clips (B, T, ...), (B, N), NaN if a limb is never seen."""
        with torch.autocast(view.features.device.type, torch.bfloat16):
            joints = self._lifter(view.features)[0].float()
        return torch.cat((_reprojection(joints, view), _proportions(joints)), -1).double().cpu()


def estimate_trunk_bias(lifter: RecurrentLifter, simulated: Iterator[Batch],
                        video: Iterator[PersonView]) -> Tensor:
    """Return the bias (2,) of the 2D network in endless clips of video.

    `simulated` are endless clips with the errors of 2D networks, but without a bias.
    """
    first, seen = next(simulated), next(video)
    batches = itertools.islice(simulated, _SIMULATED // len(first.joints))
    views = itertools.islice(video, _FILMED // len(seen.features))
    estimator = TrunkBiasEstimator(lifter, itertools.chain([first], batches))
    return estimator(itertools.chain([seen], views))[0]


def _reprojection(joints: Tensor, view: PersonView) -> Tensor:
    """Return the mean errors of six pairs of limb joints upwards and outwards, (B, 12)."""
    root = locate(joints, view.plane, view.weights)
    placed = joints + root[..., None, :]
    seen = placed[..., SHARED_JOINTS, :]
    plane = seen[..., :2] / seen[..., 2:].clamp_min(0.2)
    known = view.weights[..., SHARED_KEYPOINTS] * root.isfinite().all(-1)[..., None]
    error = (view.plane[..., SHARED_KEYPOINTS, :] - plane).nan_to_num()
    full = view.plane.clone()
    full[..., SHARED_KEYPOINTS, :] = plane.nan_to_num()
    up, out = (axis[..., None, :] for axis in _trunk(full))
    figures = []
    for pair in _LIMBS:
        e, w = error[..., pair, :], known[..., pair]
        for axis in (up, out * out.new_tensor((1.0, -1.0))[:, None]):
            share = (w * (e * axis).sum(-1)).sum((1, 2))
            figures.append(share / (w * axis.square().sum(-1)).sum((1, 2)))
    return torch.stack(figures, -1)


def _proportions(joints: Tensor) -> Tensor:
    """Return the logarithms of bone lengths relative to their geometric mean, (B, 16)."""
    lengths = bone_vectors(joints).norm(dim=-1).mean(1)
    lengths = (lengths + lengths[:, _MIRROR_BONES]) / 2
    return lengths.log() - lengths.log().mean(-1, keepdim=True)


def _with_plane(view: PersonView, plane: Tensor) -> PersonView:
    """Return the same people with other keypoints `plane` in their person camera."""
    rays = torch.where(view.weights[..., None] > 0, rays_of(plane) @ view.rotation, torch.nan)
    return view_people(rays, view.weights, view.features[..., -1].exp() * NOMINAL_STEP)


def _trunk(plane: Tensor) -> tuple[Tensor, Tensor]:
    """Return the trunk from hips to shoulders, and half its width towards the left, (*, 2)."""
    hips, shoulders = plane[..., _HIPS, :], plane[..., _SHOULDERS, :]
    width = (hips + shoulders) / 4
    return shoulders.mean(-2) - hips.mean(-2), width[..., 0, :] - width[..., 1, :]
