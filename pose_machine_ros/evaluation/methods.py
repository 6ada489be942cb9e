# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The methods that are compared: the machine with each correction, and single networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from pose_machine_ros.correction.root import locate
from pose_machine_ros.devices import pick_device
from pose_machine_ros.evaluation.clips import Clip, Prediction
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.features import PersonView, view_people
from pose_machine_ros.lifting.lifter import load_appearance_network, PoseLifter
from pose_machine_ros.lifting.mirroring import average_mirrored, with_mirrored
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter
from pose_machine_ros.pose import Person2D, TrackingState, unseen_keypoints
from pose_machine_ros.training.baselines import BASELINES
from pose_machine_ros.weights import load_into

Method = Callable[[list[Clip]], list[Prediction]]


class OnlineLifter:
    """The lifter as in the node, frame by frame, with its correction.

    Clips with the same camera and stamps are lifted together, as people of one video. With `known`
    = 'height' or 'floor' the lifter gets the person's height or the floor of each clip, and lifts
    every clip on its own. `lifter` is used instead of that of the package.
    """

    def __init__(self, config: LiftingConfig, device: str = 'auto', *, known: str = '',
                 lifter: RecurrentLifter | None = None) -> None:
        self._config, self._device, self._known = config, device, known
        self._network = lifter
        appearance = load_appearance_network(pick_device(device)) \
            if config.features != 'off' else None
        self._lifter = PoseLifter(config, device, lifter=lifter, appearance=appearance)

    def __call__(self, clips: list[Clip]) -> list[Prediction]:
        if self._known:
            return [self._with_known(clip)._lift([clip])[0] for clip in clips]
        groups: list[list[int]] = []
        for i, clip in enumerate(clips):
            fitting = [g for g in groups if all(_are_simultaneous(clip, clips[j]) for j in g)]
            if not fitting:
                groups.append([])
                fitting = groups[-1:]
            fitting[0].append(i)
        predictions: dict[int, Prediction] = {}
        for members in groups:
            predictions |= zip(members, self._lift([clips[i] for i in members]))
        return [predictions[i] for i in range(len(clips))]

    def _with_known(self, clip: Clip) -> OnlineLifter:
        if self._known == 'height':
            config = replace(self._config, person_height=clip.height or 0.0)
            return OnlineLifter(config, self._device, lifter=self._network)
        self._lifter.floor = clip.floor
        return self

    def _lift(self, clips: list[Clip]) -> list[Prediction]:
        self._lifter.reset()
        predictions = [Prediction(np.full((len(c.stamps_ns), 17, 3), np.nan),
                                  np.full((len(c.stamps_ns), 17, 3, 3), np.nan)) for c in clips]
        longest = max(clips, key=lambda c: len(c.stamps_ns))
        usable = [c.usable for c in clips]
        box = np.zeros(4, np.float32)
        for t, stamp in enumerate(longest.stamps_ns):
            people, rows = [], []
            for i, clip in enumerate(clips):
                if t >= len(clip.stamps_ns):
                    continue
                keypoints, state = clip.keypoints[t].astype(np.float32), TrackingState.TRACKED
                if not usable[i][t]:
                    keypoints, state = unseen_keypoints(), TrackingState.PREDICTED
                appearance = clip.appearances[t] if clip.appearances and usable[i][t] else None
                people.append(Person2D(f'p{i}', state, keypoints, box, appearance))
                rows.append(i)
            for i, skeleton in zip(rows, self._lifter.step(people, int(stamp), clips[0].camera)):
                if usable[i][t]:
                    predictions[i].positions[t] = skeleton.xyz
                    predictions[i].covariance[t] = skeleton.covariance
        return predictions


class OfflineLifter:
    """A network without correction on whole clips; each frame sees `lag` later frames.

    With `memoryless` the network gets every frame as if it were the first.
    """

    def __init__(self, network: nn.Module, lag: int = 0, *, memoryless: bool = False,
                 device: str = 'auto') -> None:
        self._device = pick_device(device)
        self._network = network.to(self._device).eval()
        self._lag, self._memoryless = lag, memoryless

    @torch.no_grad()
    def __call__(self, clips: list[Clip]) -> list[Prediction]:
        return [self._lift(clip) for clip in clips]

    def _lift(self, clip: Clip) -> Prediction:
        positions = np.full((len(clip.stamps_ns), 17, 3), np.nan)
        frames = np.flatnonzero(clip.usable)
        if len(frames) > self._lag:
            view = _view(clip, frames, self._device)
            features = view.features[:, None] if self._memoryless else view.features[None]
            joints, _ = average_mirrored(*self._network(with_mirrored(features), self._lag))
            joints = joints.flatten(0, 1)
            count = len(joints)
            root = locate(joints, view.plane[:count], view.weights[:count])
            placed = (joints + root[:, None]) @ view.rotation[:count]
            positions[frames[:count]] = placed.cpu().numpy()
        return Prediction(positions)


def correction_methods(names: tuple[str, ...], config: LiftingConfig, device: str
                       ) -> dict[str, Method]:
    """Return the machine with each of the corrections `names`."""
    return {name: OnlineLifter(replace(config, correction=name), device) for name in names}


def load_baseline(folder: Path, name: str) -> nn.Module:
    """Return one of BASELINES with the weights `<name>.safetensors`; raises WeightsError."""
    network = BASELINES[name]()
    load_into(network, folder / f'{name}.safetensors',
              f'train it with pose-machine train --network {name}')
    return network


def _view(clip: Clip, frames: np.ndarray, device: torch.device) -> PersonView:
    keypoints = torch.from_numpy(clip.keypoints[frames].astype(np.float32)).to(device)
    rays, scores = clip.camera.rays(keypoints[..., :2]), keypoints[..., 2]
    rays = torch.where((scores >= LiftingConfig().min_keypoint_score)[..., None], rays, torch.nan)
    steps = torch.from_numpy(np.diff(clip.stamps_ns[frames], prepend=clip.stamps_ns[frames[0]])
                             * 1e-9).to(rays)
    return view_people(rays, scores, steps)


def _are_simultaneous(a: Clip, b: Clip) -> bool:
    return a.camera is b.camera and all(x == y for x, y in zip(a.stamps_ns, b.stamps_ns))
