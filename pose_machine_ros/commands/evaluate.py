# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""pose-machine evaluate: measure the skeletons against known 3D poses"""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    kinds = parser.add_subparsers(dest='kind', required=True, metavar='KIND')
    video = kinds.add_parser('real-video', help='footage with 3D truth, through the whole machine')
    video.add_argument('--truth', type=Path, required=True, metavar='DIR',
                       help='folder with <camera>_truth.npz')
    video.add_argument('--videos', type=Path, required=True, metavar='DIR',
                       help='folder with <camera>.mp4')
    mocap = kinds.add_parser('mocap', help='held-out motion capture seen by synthetic cameras')
    mocap.add_argument('--data', type=Path, required=True, metavar='NPZ',
                       help='motion capture with a split test')
    mocap.add_argument('--max-frames', type=int, default=150,
                       help='frames of each clip (default: %(default)s)')
    for kind in (video, mocap):
        kind.add_argument('--json', type=Path, metavar='FILE', help='file to write the figures to')
        kind.add_argument('--device', default='auto', help='auto, cpu, cuda or cuda:N')


def run(args: argparse.Namespace) -> None:
    """Measure every correction, print a table, and write the figures."""
    if args.kind == 'real-video':
        from pose_machine_ros.evaluation import real_video
        from pose_machine_ros.machine import MachineConfig
        result = real_video.evaluate(args.truth, args.videos, MachineConfig(device=args.device))
    else:
        from pose_machine_ros.evaluation import mocap
        result = mocap.evaluate(args.data, max_frames=args.max_frames, device=args.device)
    print(table(result))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2))


def table(result: dict[str, dict[str, dict[str, float]]]) -> str:
    """Return the figures, correction -> set -> name -> figure, as lines of text."""
    names = list(dict.fromkeys(
        name for sets in result.values() for figures in sets.values() for name in figures))
    head = ['correction', 'set', *names]
    rows = [[correction, kind, *(_shown(figures.get(name)) for name in names)]
            for correction, sets in result.items() for kind, figures in sets.items()]
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    return '\n'.join('  '.join(cell.ljust(w) if i < 2 else cell.rjust(w)
                               for i, (cell, w) in enumerate(zip(row, widths)))
                     for row in (head, *rows))


def _shown(figure: float | None) -> str:
    if figure is None:
        return '-'
    return str(figure) if isinstance(figure, int) else f'{figure:.1f}'
