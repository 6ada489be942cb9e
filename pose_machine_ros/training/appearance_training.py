# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""`pose-machine train-appearance`: training on rendered people, on top of a trained lifter."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from pose_machine_ros.errors import InputError
from pose_machine_ros.lifting.appearance_network import AppearanceNetwork
from pose_machine_ros.lifting.lifter import load_recurrent_lifter
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter, RecurrentLifterConfig
from pose_machine_ros.training import appearance_stage
from pose_machine_ros.training.appearance_data import (
    load_samples, principal_components, sample_files)
from pose_machine_ros.training.run import TrainingRun
from pose_machine_ros.training.training import save_weights
from pose_machine_ros.training.workers import Workers
from pose_machine_ros.weights import load_file_of_weights

NAME = 'appearance'
_REDUCED = 64  # numbers for each point of the body
_LEARNING_RATE, _WEIGHT_DECAY = 1e-3, 0.05
_HELD_OUT = 10  # one in so many files is for validation


def train_appearance(samples: Path, out: Path, minutes: float, lifter: Path | None = None,
                     seed: int = 0) -> None:
    """Train on the files of the folder `samples`, and write weights and curves to `out`.

    `lifter` are the weights of the lifter, by default those of the package. An interrupted training
    resumes from its last checkpoint. Prints a line of JSON with the validation error. Raises
    InputError if there are too few samples, and WeightsError for weights that do not fit.
    """
    torch.manual_seed(seed)
    paths = sample_files(samples)
    network_3d = load_recurrent_lifter() if lifter is None else _lifter(lifter)
    held_out = max(1, len(paths) // _HELD_OUT)
    if len(paths) < 2:
        raise InputError(f'{samples} has one file; at least two are needed, one for validation')
    reduce = principal_components(paths[held_out:], _REDUCED)
    network = AppearanceNetwork(reduce.in_features, reduce.out_features)
    network.reduce.load_state_dict(reduce.state_dict())
    network.reduce.requires_grad_(False)
    run = TrainingRun(NAME, network, out, minutes, _LEARNING_RATE,
                      Workers(torch.device('cpu')), _WEIGHT_DECAY)
    run.resume()  # with the components of its checkpoint, which further files do not change
    # The first files are the same ones however many there are.
    tests, data = (load_samples(p, network_3d, network.reduce)
                   for p in (paths[:held_out], paths[held_out:]))
    if len(data) < appearance_stage.BATCH:
        raise InputError(f'{samples} has {len(data)} frames for training; at least '
                         f'{appearance_stage.BATCH} are needed')
    figures = run.train(appearance_stage.random_batches(data, seed + run.step),
                        appearance_stage.AppearanceLoss(network, seed + run.step),
                        appearance_stage.validator(tests))
    save_weights(network, out / f'{NAME}.safetensors')
    print(json.dumps({'stage': NAME, 'frames': len(data), 'steps': run.step, **figures}),
          flush=True)


def _lifter(path: Path) -> RecurrentLifter:
    weights = load_file_of_weights(path, 'give weights of the lifter that pose-machine train wrote')
    network = RecurrentLifter(RecurrentLifterConfig.of(weights))
    network.load_state_dict(weights)
    return network.eval()
