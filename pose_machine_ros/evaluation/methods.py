# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ways from 2D to 3D that are compared: the machine with each correction, and networks alone."""

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
from pose_machine_ros.lifting.features import PersonView, view_people
from pose_machine_ros.lifting.lifter import LiftingConfig, PoseLifter
from pose_machine_ros.lifting.mirroring import average_mirrored, with_mirrored
from pose_machine_ros.pose import Person2D, TrackingState
from pose_machine_ros.training.baselines import BASELINES
from pose_machine_ros.weights import fill

Method = Callable[[list[Clip]], list[Prediction]]


class Online:
    """The lifter as the node runs it, frame by frame, with its correction.

    Clips that share a camera and their stamps go through together, as people of one video; where
    the lifter is told each person's `height`, or the `floor`, every clip goes through alone.
    """

    def __init__(self, config: LiftingConfig, device: str = 'auto', *, told: str = '') -> None:
        self._config, self._device, self._told = config, device, told
        self._lifter = PoseLifter(config, device)

    def __call__(self, clips: list[Clip]) -> list[Prediction]:
        if self._told:
            return [self._tell(clip)._together([clip])[0] for clip in clips]
        groups: list[list[int]] = []
        for i, clip in enumerate(clips):
            fitting = [g for g in groups if all(_belong_together(clip, clips[j]) for j in g)]
            if not fitting:
                groups.append([])
                fitting = groups[-1:]
            fitting[0].append(i)
        answers: dict[int, Prediction] = {}
        for members in groups:
            answers |= zip(members, self._together([clips[i] for i in members]))
        return [answers[i] for i in range(len(clips))]

    def _tell(self, clip: Clip) -> Online:
        if self._told == 'height':
            return Online(replace(self._config, person_height=clip.height or 0.0), self._device)
        self._lifter.floor = clip.floor
        return self

    def _together(self, clips: list[Clip]) -> list[Prediction]:
        self._lifter.reset()
        answers = [Prediction(np.full((len(c.stamps_ns), 17, 3), np.nan),
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
                    keypoints, state = _nothing(), TrackingState.PREDICTED
                people.append(Person2D(f'p{i}', state, keypoints, box))
                rows.append(i)
            for i, skeleton in zip(rows, self._lifter.step(people, int(stamp), clips[0].camera)):
                if usable[i][t]:
                    answers[i].positions[t] = skeleton.xyz
                    answers[i].covariance[t] = skeleton.covariance
        return answers


class Offline:
    """A network alone over whole clips, each frame with `lag` frames of the future.

    `memoryless` shows it every frame as if it were the person's first.
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
            answered = len(joints)
            root = locate(joints, view.plane[:answered], view.weights[:answered])
            placed = (joints + root[:, None]) @ view.rotation[:answered]
            positions[frames[:answered]] = placed.cpu().numpy()
        return Prediction(positions)


def corrections(names: tuple[str, ...], config: LiftingConfig, device: str) -> dict[str, Method]:
    """Return the machine with each correction."""
    return {name: Online(replace(config, correction=name), device) for name in names}


def load_baseline(folder: Path, name: str) -> nn.Module:
    """Return one of BASELINES with the weights `<name>.safetensors`; raises WeightsError."""
    network = BASELINES[name]()
    fill(network, folder / f'{name}.safetensors',
         f'make them with pose-machine train --network {name}')
    return network


def _view(clip: Clip, frames: np.ndarray, device: torch.device) -> PersonView:
    keypoints = torch.from_numpy(clip.keypoints[frames].astype(np.float32)).to(device)
    rays, scores = clip.camera.rays(keypoints[..., :2]), keypoints[..., 2]
    rays = torch.where((scores >= LiftingConfig().min_keypoint_score)[..., None], rays, torch.nan)
    steps = torch.from_numpy(np.diff(clip.stamps_ns[frames], prepend=clip.stamps_ns[frames[0]])
                             * 1e-9).to(rays)
    return view_people(rays, scores, steps)


def _belong_together(a: Clip, b: Clip) -> bool:
    return a.camera is b.camera and all(x == y for x, y in zip(a.stamps_ns, b.stamps_ns))


def _nothing() -> np.ndarray:
    keypoints = np.full((17, 3), np.nan, np.float32)
    keypoints[:, 2] = 0
    return keypoints
