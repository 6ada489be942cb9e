# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""`pose-machine train`: training of the 3D networks in stages that can be resumed."""

from __future__ import annotations

from copy import deepcopy
import json
from pathlib import Path

from safetensors.torch import save_file
import torch
from torch import nn

from pose_machine_ros.correction.learned import LearnedCorrection
from pose_machine_ros.correction.paper import PaperCorrection
from pose_machine_ros.devices import pick_device
from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.lifting.lifter import load_recurrent_lifter
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter, RecurrentLifterConfig
from pose_machine_ros.synthesis.clips import ClipSynthesizer
from pose_machine_ros.training import correction_stage, lifter_stage, update_stage
from pose_machine_ros.training.baselines import BASELINES
from pose_machine_ros.training.config import TrainingConfig
from pose_machine_ros.training.correction_stage import CorrectionLoss
from pose_machine_ros.training.finetune_stage import FinetuningLoss, LifterWithCorrection
from pose_machine_ros.training.lifted_clips import lift_clips, random_clips
from pose_machine_ros.training.lifter_stage import LifterLoss
from pose_machine_ros.training.run import TrainingRun
from pose_machine_ros.training.trunk_bias import BiasedClips, estimate_trunk_bias
from pose_machine_ros.training.unlabelled import UnlabelledClips
from pose_machine_ros.training.update_stage import UpdateLoss
from pose_machine_ros.training.workers import local_device, Workers
from pose_machine_ros.weights import load_file_of_weights, load_into

STAGES = {'lifter': 0.90, 'correction': 0.04, 'finetune': 0.06}  # shares of the training time

_BATCH, _FRAMES = 128, 48
_VIDEO_BATCH = 32
_LEARNING_RATE, _RESTART_RATE, _FINETUNE_RATE = 1e-3, 5e-4, 1e-4
_START_ADVICE = 'choose a folder that pose-machine train wrote, and the width of its networks'
_VALIDATION_BATCHES = 8
_LIFTED_BATCHES = 64  # that train the learned correction
_UPDATE_BATCH, _ROLL = 32, 0.3  # clips in a step, and standard deviation of the roll, radians
_TEST_SEED = 1


class Training:
    """Trains stage after stage; an interrupted training resumes from its last checkpoint.

    It writes checkpoints, curves and weights into the folder, and prints a line of JSON per stage.
    """

    def __init__(self, config: TrainingConfig) -> None:
        self._config = config
        self._device = local_device(pick_device(config.device))
        self._workers = Workers(self._device)
        torch.manual_seed(config.seed)
        self._train, self._test = (
            MotionCaptureDataset.load(config.data, split) for split in ('train', 'test'))

    def run(self) -> None:
        """Train all stages of the configured network."""
        if self._config.network == 'machine':
            self._run_machine()
        elif self._config.network == 'update':
            self._run_update()
        else:
            self._run_baseline(self._config.network)
        self._workers.close()

    def _run_machine(self) -> None:
        width = self._config.width
        lifter = RecurrentLifter(RecurrentLifterConfig(width=width)).to(self._device)
        correction = PaperCorrection().to(self._device)
        rate = _LEARNING_RATE
        if self._config.start is not None:
            rate = _RESTART_RATE
            for network, name in ((lifter, 'lifter'), (correction, 'correction')):
                load_into(network, self._config.start / f'{name}.safetensors', _START_ADVICE)
        initial = deepcopy(lifter.state_dict())
        self._run_supervised('lifter', lifter, self._minutes('lifter'), rate)
        # Training on other people degrades the lifter on earlier ones; a mean of initial and final
        # weights keeps most of both (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR
        # 2022).
        for name, value in lifter.state_dict().items():
            value.lerp_(initial[name], self._config.keep)
        self._run_correction(lifter, correction)
        self._run_finetuning(lifter, correction)
        self._save(lifter, 'lifter')
        self._save(correction, 'correction')

    def _run_update(self) -> None:
        """Train the learned correction of a trained lifter.

        The lifter takes most of the time of a batch. So `_LIFTED_BATCHES` go through it first, and
        the training makes many passes over them, each time with other cameras' rolls.
        """
        lifter = self._trained_lifter()
        network = LearnedCorrection().to(self._device)
        stage = TrainingRun('update', network, self._config.out, self._config.minutes,
                            _LEARNING_RATE, self._workers)
        stage.resume()
        clips = lift_clips(lifter, self._batches(stage), _LIFTED_BATCHES)
        tests = lift_clips(lifter, self._tests(), _VALIDATION_BATCHES)
        batches = random_clips(clips, _UPDATE_BATCH, _ROLL, self._seed() + stage.step)
        figures = stage.train(batches, UpdateLoss(network),
                              update_stage.validator(tests, _UPDATE_BATCH))
        self._report('update', stage, figures)
        self._save(network, 'update')

    def _trained_lifter(self) -> RecurrentLifter:
        if self._config.start is None:
            return load_recurrent_lifter(self._device)
        path = self._config.start / 'lifter.safetensors'
        weights = load_file_of_weights(path, _START_ADVICE)
        lifter = RecurrentLifter(RecurrentLifterConfig.of(weights))
        load_into(lifter, path, _START_ADVICE)
        return lifter.to(self._device).eval()

    def _run_baseline(self, name: str) -> None:
        network = BASELINES[name]().to(self._device)
        self._run_supervised(name, network, self._config.minutes, _LEARNING_RATE, lags=(0,))
        self._save(network, name)

    def _run_supervised(self, name: str, network: nn.Module, minutes: float, rate: float,
                        **options: object) -> None:
        stage = TrainingRun(name, network, self._config.out, minutes, rate, self._workers)
        stage.resume()
        figures = stage.train(
            self._batches(stage), LifterLoss(network, self._seed(), **options),
            lifter_stage.validator(self._tests(), _VALIDATION_BATCHES))
        self._report(name, stage, figures)

    def _run_correction(self, lifter: RecurrentLifter,
                        correction: PaperCorrection) -> None:
        stage = TrainingRun('correction', correction, self._config.out,
                            self._minutes('correction'), _LEARNING_RATE, self._workers)
        stage.resume()
        figures = stage.train(
            self._batches(stage), CorrectionLoss(lifter, correction, self._seed()),
            correction_stage.validator(lifter, self._tests(), _VALIDATION_BATCHES))
        self._report('correction', stage, figures)

    def _run_finetuning(self, lifter: RecurrentLifter,
                        correction: PaperCorrection) -> None:
        config = self._config
        videos, bias = None, None
        if config.unlabelled is not None:
            videos, same = (UnlabelledClips(config.unlabelled, _VIDEO_BATCH, _FRAMES, seed,
                                            self._device) for seed in (self._seed(), config.seed))
            # From the weights before this stage, so that a resumed one finds the same, and from
            # the same clips in all workers.
            bias = estimate_trunk_bias(lifter.eval(), self._clips(config.seed), same)
        networks = LifterWithCorrection(lifter, correction)
        loss = FinetuningLoss(networks, videos, self._seed(), bias)
        stage = TrainingRun('finetune', networks, config.out, self._minutes('finetune'),
                            _FINETUNE_RATE, self._workers)
        stage.resume()
        validate = correction_stage.validator(lifter, self._tests(), _VALIDATION_BATCHES)
        batches = self._batches(stage)
        if bias is not None:
            batches = BiasedClips(batches, bias)
        figures = stage.train(batches, loss, lambda n: validate(n.correction))
        if bias is not None:
            figures |= dict(zip(('hip_bias', 'shoulder_bias'), bias.tolist()))
        self._report('finetune', stage, figures)

    def _minutes(self, stage: str) -> float:
        return STAGES[stage] * self._config.minutes

    def _seed(self) -> int:
        return self._config.seed + 1_000_000 * self._workers.rank

    def _batches(self, stage: TrainingRun) -> ClipSynthesizer:
        # A resumed stage continues with other random batches than those it has already seen.
        return self._clips(self._seed() + stage.step)

    def _clips(self, seed: int) -> ClipSynthesizer:
        return ClipSynthesizer(self._train, _BATCH, _FRAMES, seed, self._device)

    def _tests(self) -> ClipSynthesizer:
        return ClipSynthesizer(self._test, _BATCH, _FRAMES, _TEST_SEED, self._device)

    def _save(self, network: nn.Module, name: str) -> None:
        if self._workers.is_first:
            save_weights(network, self._config.out / f'{name}.safetensors')

    def _report(self, name: str, stage: TrainingRun, figures: dict[str, float]) -> None:
        if self._workers.is_first:
            print(json.dumps({'stage': name, 'steps': stage.step, **figures}), flush=True)


def save_weights(network: nn.Module, path: Path) -> None:
    """Write the weights of a network as float16 safetensors."""
    save_file({name: value.detach().cpu().half().contiguous()
               for name, value in network.state_dict().items()}, path)
