# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How far the results of a GPU are from those of the CPU."""

from __future__ import annotations

import numpy as np
import torch

from pose_machine_ros.evaluation.gpu_scene import (
    CAMERA, in_2d, lifter_on, People, regions_of, STEP_NS)
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.network import PoseNetwork2D
from pose_machine_ros.networks import load_networks, Networks

_GOOD_SCORE = 0.3  # of the keypoints that are compared


def compare_keypoints(images: list[np.ndarray], people: list[People],
                      network: PoseNetwork2D) -> dict[str, float]:
    """Return how far keypoints with a good score are from those of the CPU, in px of the crop."""
    on_cpu = PoseNetwork2D(Keypoints2DConfig(backend='torch'))
    shifts, scores = [], []
    for image, seen in zip(images, people):
        if seen:
            regions = regions_of(seen)
            ours, theirs = (n.refine(n.crop(n.upload(image), regions), regions).keypoints
                            for n in (network, on_cpu))
            away = np.linalg.norm((ours - theirs)[..., :2], axis=-1) * 256 / regions[:, 2:3]
            shifts += away[theirs[..., 2] > _GOOD_SCORE].tolist()
            scores += np.abs(ours - theirs)[..., 2].ravel().tolist()
    return {'mean_px': float(np.mean(shifts)), 'p99_px': float(np.percentile(shifts, 99)),
            'max_px': max(shifts), 'mean_score': float(np.mean(scores))}


def compare_joints(images: list[np.ndarray], people: list[People], networks: Networks,
                   device: torch.device) -> dict[str, float]:
    """Return how far joints are from those of the CPU for the same people in 2D, in mm.

    And the ratio of the covariances' traces: its median, and its largest distance from 1.
    """
    on_cpu = load_networks(Keypoints2DConfig(backend='torch'), torch.device('cpu'))
    network = PoseNetwork2D(Keypoints2DConfig(backend='torch'), runners=on_cpu.runners)
    lifters = [lifter_on(n, d) for n, d in ((networks, device), (on_cpu, 'cpu'))]
    away, ratios = [], []
    for index, (image, found) in enumerate(zip(images, people)):
        if not found:
            continue
        regions = regions_of(found)
        seen = network.refine(network.crop(network.upload(image), regions), regions)
        persons = in_2d(seen, regions)
        for ours, theirs in zip(*(x.step(persons, index * STEP_NS, CAMERA) for x in lifters)):
            away += (1e3 * np.linalg.norm(ours.xyz - theirs.xyz, axis=-1)).tolist()
            traces = (s.covariance.trace(axis1=1, axis2=2) for s in (ours, theirs))
            ratios += np.divide(*traces).tolist()
    return {'mean_mm': float(np.mean(away)), 'max_mm': max(away),
            'covariance_ratio': float(np.median(ratios)),
            'covariance_off': float(np.abs(np.array(ratios) - 1).max())}


def compare_detections(images: list[np.ndarray], network: PoseNetwork2D) -> dict[str, float]:
    """Return in how many images as many people are detected as on the CPU, and their distance."""
    on_cpu = PoseNetwork2D(Keypoints2DConfig(backend='torch'))
    same, away = 0, []
    for image in images:
        ours, theirs = (n.detect(n.upload(image)) for n in (network, on_cpu))
        if len(ours.scores) == len(theirs.scores):
            same += 1
            away += np.linalg.norm(
                (ours.keypoints - theirs.keypoints)[..., :2], axis=-1).ravel().tolist()
    return {'images': len(images), 'same_number': same,
            'median_px': float(np.median(away)) if away else 0.0}
