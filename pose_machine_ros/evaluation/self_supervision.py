# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Whether video without labels helps on other people of the same camera.

`python -m pose_machine_ros.evaluation.self_supervision --data NPZ --people NPZ` trains the lifter
of the package further, with and without video of some people before one camera, and measures the
error on them and on other people. The people are captured ones whom the lifter has not seen, and
the truth is used for the figures only. All trainings take the same number of steps.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
import copy
from dataclasses import replace
import functools
import json
from pathlib import Path
import tempfile

import torch
from torch import nn

from pose_machine_ros.evaluation import report
from pose_machine_ros.evaluation.clips import Clip
from pose_machine_ros.evaluation.methods import OnlineLifter
from pose_machine_ros.evaluation.one_camera import film, Footage, UNBIASED, write_keypoints
from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.lifter import load_recurrent_lifter
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter
from pose_machine_ros.synthesis.clips import Batch, ClipSynthesizer
from pose_machine_ros.training.lifter_stage import LifterLoss
from pose_machine_ros.training.run import learning_rate_factor, mean_weights
from pose_machine_ros.training.trunk_bias import BiasedClips, estimate_trunk_bias
from pose_machine_ros.training.unlabelled import UnlabelledClips
from pose_machine_ros.training.video_loss import VideoLoss

BIASES = {'as in training': UNBIASED, 'hips and shoulders 10 % too high': (0.1, 0.1)}
_FRAMES = 48
_LABELLED_PER_VIDEO = 4  # clips in a step
_MAX_GRADIENT_NORM = 1.0


class Experiment:
    """The trainings of one lifter, and their evaluation."""

    def __init__(self, data: list[Path], lifter: RecurrentLifter, steps: int, batch: int,
                 learning_rate: float = 1e-4, seed: int = 0) -> None:
        self._motion = MotionCaptureDataset.load(data, 'train')
        self._lifter = lifter
        self._steps, self._batch, self._rate, self._seed = steps, batch, learning_rate, seed

    def labelled(self) -> ClipSynthesizer:
        """Return the same random labelled batches for each training."""
        return ClipSynthesizer(self._motion, self._batch, _FRAMES, self._seed)

    def trained(self, batches: Iterator[Batch],
                video: UnlabelledClips | None = None,
                bias: torch.Tensor | None = None) -> RecurrentLifter:
        """Return the lifter after further training on `batches` and, if given, on `video`.

        `bias` (2,) is that of the 2D network in the video, if it is known.
        """
        torch.manual_seed(self._seed)
        network = copy.deepcopy(self._lifter).train()
        supervised = LifterLoss(network, self._seed, lags=(0,))
        unsupervised = VideoLoss(network, bias)
        optimizer = torch.optim.AdamW(network.parameters(), self._rate)
        mean = mean_weights(network)
        for step in range(self._steps):
            terms = supervised(next(batches))
            if video is not None:
                terms |= unsupervised(next(video))
            for group in optimizer.param_groups:
                group['lr'] = self._rate * learning_rate_factor(step / self._steps)
            optimizer.zero_grad(set_to_none=True)
            sum(terms.values()).backward()
            nn.utils.clip_grad_norm_(network.parameters(), _MAX_GRADIENT_NORM)
            optimizer.step()
            mean.update_parameters(network)
        network.load_state_dict(mean.module.state_dict())
        return network.eval()

    @functools.cached_property
    def _without_video(self) -> RecurrentLifter:
        return self.trained(self.labelled())

    def lifters(self, folder: Path, bias: tuple[float, ...]
                ) -> Iterator[tuple[str, RecurrentLifter]]:
        """Yield the lifter before, and after each way to train it with the video in `folder`."""
        def video() -> UnlabelledClips:
            count = max(1, self._batch // _LABELLED_PER_VIDEO)
            return UnlabelledClips(folder, count, _FRAMES, self._seed)

        yield 'before', self._lifter
        yield 'labelled clips only', self._without_video
        yield '+ video', self.trained(self.labelled(), video())
        estimate = estimate_trunk_bias(self._lifter, self.labelled(), video())
        text = ', '.join(f'{100 * b:+.0f}' for b in estimate.tolist())
        yield f'bias from video ({text} %)', self.trained(BiasedClips(self.labelled(), estimate))
        yield 'both', self.trained(
            BiasedClips(self.labelled(), estimate), video(), estimate)
        if any(bias):
            yield 'true bias', self.trained(BiasedClips(self.labelled(), torch.tensor(bias)))


def evaluate(lifter: RecurrentLifter, sets: dict[str, list[Clip]]) -> report.Figures:
    """Return the figures of the machine with a lifter and the geometric correction."""
    config = LiftingConfig(correction='geometric', features='off')
    return report.compare(sets, {'geometric': OnlineLifter(config, 'cpu', lifter=lifter)})


def run(experiment: Experiment, people: Path, seen: tuple[str, ...], others: tuple[str, ...],
        progress: Callable[[str], None] = lambda text: None) -> list[tuple[str, ...]]:
    """Return rows of a table: 2D network, training, and the figures on seen and other people."""
    rows = []
    for bias_name, bias in BIASES.items():
        footage = Footage(seen, trunk_bias=bias, seed=1)
        sets = {'seen': film(people, footage),
                'others': film(people, replace(footage, subjects=others, seed=2))}
        with tempfile.TemporaryDirectory() as folder:
            write_keypoints(sets['seen'], Path(folder))
            for name, lifter in experiment.lifters(Path(folder), bias):
                figures = evaluate(lifter, sets)
                rows.append((bias_name, name, *(
                    f'{f["mpjpe_mm"]:.1f} / {f["pa_mpjpe_mm"]:.1f}'
                    for f in (figures[key]['geometric'] for key in sets))))
                progress(json.dumps(rows[-1]))
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--data', type=Path, required=True, nargs='+', metavar='NPZ',
                        help='motion capture with the split train, for labelled clips')
    parser.add_argument('--people', type=Path, required=True, metavar='NPZ',
                        help='motion capture with the split test, for people before the camera')
    parser.add_argument('--seen', nargs='+', default=['s02', 's06'], metavar='SUBJECT',
                        help='people in the video (default: %(default)s)')
    parser.add_argument('--others', nargs='+', default=['s09'], metavar='SUBJECT',
                        help='people who are not (default: %(default)s)')
    parser.add_argument('--steps', type=int, default=100,
                        help='of each training (default: %(default)s)')
    parser.add_argument('--batch', type=int, default=32,
                        help='clips of each kind in a step (default: %(default)s)')
    args = parser.parse_args()
    experiment = Experiment(args.data, load_recurrent_lifter(), args.steps, args.batch)
    rows = run(experiment, args.people, tuple(args.seen), tuple(args.others), print)
    head = ['2D network', 'training', 'people in the video', 'other people']
    print(report.markdown_table(head, [list(row) for row in rows]))


if __name__ == '__main__':
    main()
