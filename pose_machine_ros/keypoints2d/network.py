# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The 2D pose network: finds people in a frame, and looks closely at each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d import crops, movenet
from pose_machine_ros.keypoints2d.backends import BACKENDS, make_runner, Runner
from pose_machine_ros.keypoints2d.crops import UploadedImage
from pose_machine_ros.keypoints2d.decoding import decode_multi, decode_single
from pose_machine_ros.weights import load_weights

CROP_SIZE = 256  # px, what Thunder was trained on


@dataclass(frozen=True)
class Keypoints2DConfig:
    """How the 2D networks run."""

    backend: str = 'auto'  # one of BACKENDS
    threads: int = 2  # of ONNX Runtime on a CPU
    detector_size: int = 512  # px, longer side of the frame the detector sees
    min_person_score: float = 0.15  # detections below are dropped

    def __post_init__(self) -> None:
        if self.backend not in BACKENDS:
            raise InputError(f'backend = {self.backend!r} is unknown; '
                             f'choose one of {", ".join(BACKENDS)}')
        if self.threads < 1:
            raise InputError(f'threads = {self.threads} must be at least 1')
        if not 128 <= self.detector_size <= 2048 \
                or self.detector_size % movenet.INPUT_MULTIPLE:
            raise InputError(
                f'detector_size = {self.detector_size} must be a multiple of '
                f'{movenet.INPUT_MULTIPLE} between 128 and 2048')
        if not 0 <= self.min_person_score <= 1:
            raise InputError(f'min_person_score = {self.min_person_score} is not in [0, 1]')


@dataclass(frozen=True)
class Detections:
    """N people found in a frame; px of the image."""

    keypoints: np.ndarray  # (N, 17, 3) float32, COCO-17: u, v, score
    scores: np.ndarray  # (N,) in [0, 1], highest first


class Runners(NamedTuple):
    """What computes; it remembers nothing."""

    close: Runner  # Thunder, for crops of one person each
    wide: Runner  # Multipose, for whole frames


def load_runners(config: Keypoints2DConfig, device: torch.device) -> Runners:
    """Return the runners on `device`; raises WeightsError where their files don't do."""
    return Runners(*(
        make_runner(movenet.freeze(network, load_weights(f'movenet_{name}')), config.backend,
                    device, config.threads)
        for name, network in (('thunder', movenet.thunder()),
                              ('multipose', movenet.multipose()))))


class PoseNetwork2D:
    """MoveNet Multipose finds people, MoveNet Thunder refines each of them."""

    def __init__(self, config: Keypoints2DConfig = Keypoints2DConfig(),
                 device: torch.device | str = 'cpu', runners: Runners | None = None) -> None:
        """Load the networks, but for `runners` on `device` that others may use too.

        Raises WeightsError where their files are missing or damaged.
        """
        self.config = config
        self.device = torch.device(device)
        self._runners = runners or load_runners(config, self.device)

    def upload(self, image: np.ndarray) -> UploadedImage:
        """Bring a frame (H, W, 3) uint8 BGR to where the networks run."""
        return crops.upload(image, self.device)

    @torch.no_grad()
    def detect(self, frame: UploadedImage, count: int = 6, long_side: int | None = None,
               rotation: int = 0) -> Detections:
        """Find people in an uploaded frame; roughly, at most `count`.

        The network sees it shrunk to a longer side of `long_side` px (None: `detector_size`) and
        turned clockwise by `rotation` degrees, a multiple of 90, so that people stand upright.
        """
        small, scale = crops.fit(frame, long_side or self.config.detector_size,
                                 movenet.INPUT_MULTIPLE, rotation)
        keypoints, _, scores = (
            x[0].cpu().numpy() for x in decode_multi(*self._runners.wide(small), count=count))
        found = scores >= self.config.min_person_score
        keypoints = keypoints[found].astype(np.float32)
        keypoints[..., :2] = crops.unturned(
            (keypoints[..., :2] + 0.5) / scale - 0.5, frame.shape, rotation)
        return Detections(keypoints, scores[found])

    def crop(self, frame: UploadedImage, regions: np.ndarray) -> torch.Tensor:
        """Cut `regions` (P, 4), see crops.py, out of an uploaded frame."""
        return crops.crop(frame, regions, CROP_SIZE)

    @torch.no_grad()
    def refine(self, cut: torch.Tensor, regions: np.ndarray) -> np.ndarray:
        """Return (P, 17, 3) float32: u, v in px of the image, score; of the person in each crop."""
        keypoints = decode_single(*self._runners.close(cut)).cpu().numpy().astype(np.float32)
        return crops.to_image(keypoints, regions, CROP_SIZE)
