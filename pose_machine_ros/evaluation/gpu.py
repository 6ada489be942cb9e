# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Whether a GPU gives the skeletons of the CPU, and how long a frame takes there.

`python -m pose_machine_ros.evaluation.gpu --json FILE` takes a few minutes. On images of 1280x720
of the sample video, it compares keypoints, joints and covariances; then it measures each stage for
several numbers of people, kernels, memory, and the least time that the work could take. People are
those of the video, repeated; finding new people is not part of the times. Without a GPU it says so
and ends. `--device cpu` compares the functions that a GPU would run, on the CPU, to test them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
import itertools
import json
import math
from pathlib import Path
import sys
import traceback

import numpy as np
import torch

from pose_machine_ros.devices import pick_device
from pose_machine_ros.evaluation.gpu_equality import (
    compare_detections, compare_joints, compare_keypoints)
from pose_machine_ros.evaluation.gpu_scene import (
    CAMERA, find_people, in_2d, lifter_on, load_images, People, regions_of, STEP_NS)
from pose_machine_ros.evaluation.gpu_times import count_launches, measure, measure_machine
from pose_machine_ros.evaluation.gpu_work import count_work, floor_ms, measure_peaks
from pose_machine_ros.evaluation.host import describe_host
from pose_machine_ros.evaluation.report import markdown_table, update
from pose_machine_ros.io.sample_video import sample_video
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.fused_movenet import FusedMoveNet
from pose_machine_ros.keypoints2d.network import PoseNetwork2D
from pose_machine_ros.networks import load_networks

NO_GPU = 'no GPU: torch finds none, so nothing was measured. --device cpu tests this program'
_PEOPLE = (1, 2, 5, 10)
_PARTS = ('frame', 'upload', 'keypoints', 'lift')


def count_frame(image: np.ndarray, people: People,
                dtype: torch.dtype) -> dict[str, dict[str, float]]:
    """Return the work of each part of a frame, as a GPU would do it; see `count_work`.

    The 2D network computes in `dtype`.
    """
    networks = load_networks(Keypoints2DConfig(backend='torch'), torch.device('cpu'))
    runners = networks.runners
    runners = runners._replace(singlepose=FusedMoveNet(runners.singlepose, dtype))
    network = PoseNetwork2D(Keypoints2DConfig(backend='torch'), 'cpu', runners, on_tensors=True)
    lifter, regions = lifter_on(networks, 'cpu'), regions_of(people)
    frame = network.upload(image)
    persons = in_2d(network.refine(frame, regions), regions)
    stamps = itertools.count(step=STEP_NS)
    lifter.step(persons, next(stamps), CAMERA)
    return {'keypoints': count_work(lambda: network.refine(frame, regions)),
            'lift': count_work(lambda: lifter.step(persons, next(stamps), CAMERA))}


def evaluate(video: Path, device: torch.device, frames: int, runs: int,
             numbers: Sequence[int]) -> dict:
    """Return all figures, for these numbers of people.

    A part that fails is an `error`, and the others are there.
    """
    is_cuda = device.type == 'cuda'
    config = Keypoints2DConfig(backend='auto' if is_cuda else 'torch')
    dtype = torch.float16 if is_cuda else torch.float32
    networks = load_networks(config, device)
    network = PoseNetwork2D(config, device, networks.runners, on_tensors=True)
    images = load_images(video, frames)
    found = find_people(images)
    image, people = next((i, p) for i, p in zip(reversed(images), reversed(found)) if p)
    crowds = {n: [people[i % len(people)] for i in range(n)] for n in numbers}
    figures = {'machine': describe_host(device)}
    _add(figures, 'keypoints', partial(compare_keypoints, images, found, network))
    _add(figures, 'detections', partial(compare_detections, images, network))
    _add(figures, 'joints', partial(compare_joints, images, found, networks, device))
    _add(figures, 'peaks', partial(measure_peaks, device) if is_cuda else dict)
    for n, crowd in crowds.items():
        name = f'{n} people'
        _add(figures, f'times, {name}', partial(
            measure, images, crowd, network, networks, device, runs))
        _add(figures, f'work, {name}', partial(count_frame, image, crowd, dtype))
        _add(figures, f'launches, {name}', partial(
            count_launches, image, crowd, network, networks, device))
    _add(figures, 'machine frames', partial(measure_machine, images, device))
    if is_cuda:
        figures['memory'] = {'peak_mb': torch.cuda.max_memory_allocated(device) / 1e6,
                             'reserved_mb': torch.cuda.memory_reserved(device) / 1e6}
    network.close()
    return figures


def table(figures: dict) -> str:
    """Return the figures as Markdown: what differs from the CPU, and a row for each crowd."""
    return '\n\n'.join((_equality(figures), _times(figures)))


def _equality(figures: dict) -> str:
    rows = [[name, ', '.join(f'{k} {_text(v)}' for k, v in values.items())]
            for name, values in figures.items() if ', ' not in name]
    return markdown_table(['figures', ''], rows)


def _times(figures: dict) -> str:
    """Return milliseconds, p50 / p99, and the least that the work could take."""
    rows = []
    for name in (name.removeprefix('times, ') for name in figures if name.startswith('times, ')):
        times, work, launches = (
            figures.get(f'{part}, {name}', {}) for part in ('times', 'work', 'launches'))
        if error := times.get('error') or work.get('error') or launches.get('error'):
            rows.append([name, error, *[''] * 8])
            continue
        peaks = figures.get('peaks', {})
        least = [floor_ms(work[part], peaks) if 'gb_per_s' in peaks else math.nan
                 for part in ('keypoints', 'lift')]
        rows.append([
            name, *(f'{times[part]["p50"]:.2f} / {times[part]["p99"]:.2f}' for part in _PARTS),
            *(f'{ms:.3f}' for ms in least), f'{launches["busy_ms"]:.2f}',
            str(launches['device_kernels']), f'{times["first_ms"]:.0f}'])
    return markdown_table(
        ['people', *(f'{part} ms' for part in _PARTS), 'floor of 2D ms', 'floor of 3D ms',
         'busy ms', 'kernels', 'first frame ms'], rows)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ' / '.join(f'{k} {_text(v)}' for k, v in value.items())
    return f'{value:.3f}' if isinstance(value, float) else str(value)


def _add(figures: dict, name: str, part: Callable[[], dict]) -> None:
    """Add a part; its failure does not take the others with it, because GPUs are rare."""
    print(f'{name} ...', file=sys.stderr, flush=True)
    try:
        figures[name] = part()
    except RuntimeError as error:
        traceback.print_exc()
        figures[name] = {'error': str(error)}


def main(arguments: list[str] | None = None) -> int:
    """Print the figures and write the requested file; return 1 if a part failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--device', default='cuda', help='cuda, cuda:N or cpu')
    parser.add_argument('--video', type=Path, help='default: the sample video')
    parser.add_argument('--frames', type=int, default=60, help='frames to compare')
    parser.add_argument('--runs', type=int, default=300, help='frames to measure')
    parser.add_argument('--people', type=int, nargs='+', default=_PEOPLE, metavar='N')
    parser.add_argument('--json', type=Path, metavar='FILE', help='file to write the figures to')
    parser.add_argument('--figures', type=Path, metavar='FILE',
                        help='figures of another computer to print, instead of measuring')
    parser.add_argument('--update', type=Path, metavar='FILE',
                        help='Markdown page whose table between <!-- gpu --> and <!-- /gpu --> to '
                        'replace')
    args = parser.parse_args(arguments)
    if args.figures:
        return _report(json.loads(args.figures.read_text()), args.update)
    if args.device != 'cpu' and not torch.cuda.is_available():
        print(NO_GPU)
        return 0
    device = pick_device(args.device)
    if device.type == 'cuda':
        torch.cuda.set_device(device.index or 0)
    figures = evaluate(
        args.video or sample_video(), device, args.frames, args.runs, args.people)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2))
    return _report(figures, args.update)


def _report(figures: dict, page: Path | None) -> int:
    print(text := table(figures))
    if page:
        update(page, 'gpu', text)
    return int(any('error' in values for values in figures.values()))


if __name__ == '__main__':
    sys.exit(main())
