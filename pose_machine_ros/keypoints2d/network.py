# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The 2D pose network: detects people in a frame, and estimates keypoints in a crop of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
import threading
from typing import NamedTuple

import numpy as np
import torch

from pose_machine_ros.cuda_graphs import CudaGraphs, padded_sizes
from pose_machine_ros.keypoints2d import crops, movenet
from pose_machine_ros.keypoints2d.backends import choose_backend, make_runner, Runner
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.crops import UploadedImage
from pose_machine_ros.keypoints2d.decoding import decode_person
from pose_machine_ros.keypoints2d.device_functions import detect_people, keypoints_of_crops
from pose_machine_ros.keypoints2d.frame_upload import FrameUpload
from pose_machine_ros.skeleton import APPEARANCE_POINTS, COCO_17
from pose_machine_ros.weights import load_weights

_REGION = np.array([100.0, 100.0, 200.0, 0.0])  # any, to run the network with
_CROP_SIZES = {'thunder': 256, 'lightning': 192}  # px, what each was trained on


@dataclass(frozen=True)
class Detections:
    """N people detected in a frame."""

    keypoints: np.ndarray  # (N, 17, 3) float32, COCO-17: u, v in px of the image, score
    scores: np.ndarray  # (N,) in [0, 1], highest first


class Refined(NamedTuple):
    """P people as the network for crops sees them."""

    keypoints: np.ndarray  # (P, 17, 3) float32, COCO-17: u, v in px of the image, score
    features: np.ndarray | None = None  # (P, 26, C) float32, at APPEARANCE_POINTS of each person


class Runners(NamedTuple):
    """The stateless networks; several `PoseNetwork2D` may share them."""

    singlepose: Runner  # for crops of one person each
    multipose: Runner  # for whole frames
    backend: str  # what computes them, and in which precision, such as 'openvino bfloat16'
    have_features: bool = False  # whether the network for crops gives features


def load_runners(config: Keypoints2DConfig, device: torch.device, features: bool = False
                 ) -> Runners:
    """Return the runners on `device`; with `features`, Thunder also gives those of the picture.

    Lightning has none. Multipose runs on one CPU thread, the one that calls it: so the priority of
    that thread is the priority of all its work. Raises WeightsError for weights that are missing or
    damaged, and InputError for a backend that cannot be used.
    """
    backend = choose_backend(config.backend, device)
    network = movenet.lightning() if config.model == 'lightning' else movenet.thunder(features)
    singlepose, multipose = (
        make_runner(movenet.freeze(network, load_weights(f'movenet_{name}')), backend, device,
                    threads)
        for name, network, threads in (
            (config.model, network, config.threads), ('multipose', movenet.multipose(), 1)))
    return Runners(singlepose, multipose, backend, 'features' in network.outputs)


class PoseNetwork2D:
    """Detects people with MoveNet Multipose, and refines each of them with Thunder or Lightning."""

    def __init__(self, config: Keypoints2DConfig = Keypoints2DConfig(),
                 device: torch.device | str = 'cpu', runners: Runners | None = None,
                 on_tensors: bool | None = None) -> None:
        """Load the networks, or use `runners` on `device`, which others may use too.

        `on_tensors` is whether frames are tensors and crops part of a graph (None: on a GPU).
        Raises WeightsError for weights that are missing or damaged.
        """
        self.config = config
        self.device = torch.device(device)
        self._crop_size = _CROP_SIZES[config.model]
        self._runners = runners or load_runners(config, self.device)
        is_cuda = self.device.type == 'cuda'
        self._upload = FrameUpload(self.device) if is_cuda or on_tensors else None
        self._refining = CudaGraphs(partial(
            keypoints_of_crops, runner=self._runners.singlepose, size=self._crop_size), self.device)
        self._detecting = CudaGraphs(
            partial(detect_people, runner=self._runners.multipose), self.device)
        # On a GPU the detector has a stream of its own, with a priority no higher than the others.
        self._detecting_turn = threading.Lock()
        self._stream = torch.cuda.Stream(self.device, priority=0) \
            if is_cuda else None

    def upload(self, image: np.ndarray) -> UploadedImage:
        """Return a frame (H, W, 3) uint8 BGR on the device of the networks."""
        return image if self._upload is None else self._upload(image)

    def close(self) -> None:
        """Free the memory of the CUDA graphs; the next frame captures them again.

        No other thread may use this object meanwhile.
        """
        self._refining.close()
        self._detecting.close()

    def prepare(self, image: np.ndarray, most: int) -> None:
        """Capture the CUDA graphs for images like this one with up to `most` people.

        Otherwise the first frame with another number of people would wait for seconds. Does nothing
        on a CPU.
        """
        if self._refining.are_used:
            frame = self.upload(image)
            for count in padded_sizes(most):
                self.refine(frame, np.tile(_REGION, (count, 1)))

    @torch.no_grad()
    def detect(self, frame: UploadedImage, count: int = 6, long_side: int | None = None,
               rotation: int = 0) -> Detections:
        """Detect at most `count` people in an uploaded frame; their keypoints are rough.

        The input of the network is the frame, resized to a longer side of `long_side` px (None:
        `detector_size`) and rotated clockwise by `rotation` degrees, a multiple of 90, so that
        people are upright.

        Any thread may call this beside the other methods. On a GPU it runs in a stream of its own,
        after the upload of the frame.
        """
        if self._stream is None:
            return self._detect(frame, count, long_side, rotation)
        with self._detecting_turn:  # a search that was discarded may still run in its thread
            self._stream.wait_stream(torch.cuda.current_stream(self.device))
            with torch.cuda.stream(self._stream):
                return self._detect(frame, count, long_side, rotation)

    def _detect(self, frame: UploadedImage, count: int, long_side: int | None,
                rotation: int) -> Detections:
        rows = self._detecting(frame, count=count, rotation=rotation,
                               long_side=long_side or self.config.detector_size).cpu().numpy()
        rows = rows[rows[:, -1] >= self.config.min_person_score]
        keypoints = rows[:, :-1].reshape(-1, len(COCO_17), 3)
        keypoints[..., :2] = crops.undo_rotation(keypoints[..., :2], frame.shape, rotation)
        return Detections(keypoints, rows[:, -1])

    def crop(self, frame: UploadedImage, regions: np.ndarray) -> UploadedImage | torch.Tensor:
        """Return crops (P, S, S, 3) of `regions` (P, 4) in the size of the model, see crops.py.

        On a GPU `refine` makes the crops, in one graph with the network; this returns the frame.
        """
        return crops.crop(frame, regions, self._crop_size) if self._upload is None else frame

    @torch.no_grad()
    def refine(self, cut: UploadedImage | torch.Tensor, regions: np.ndarray) -> Refined:
        """Return the person in each crop.

        `cut` is the result of `crop`. The keypoints are in px of the image from which the crops of
        `regions` (P, 4) were taken.
        """
        if self._upload is not None:
            matrices = torch.from_numpy(crops.to_image_matrices(regions, self._crop_size))
            rows = self._refining.of_rows(matrices.flatten(1), cut)
            keypoints, features = np.split(rows.cpu().numpy(), [3 * len(COCO_17)], 1)
            return Refined(keypoints.reshape(-1, len(COCO_17), 3), features.reshape(
                len(features), len(APPEARANCE_POINTS), -1) if features.size else None)
        keypoints, features = decode_person(*self._runners.singlepose(cut))
        return Refined(crops.to_image(keypoints.numpy(), regions, self._crop_size),
                       None if features is None else features.numpy())
