# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""`make demo`: real footage through real processes, and what came out of it to look at.

A camera stand-in plays a video, the pose machine's node works on it, a recorder records; three
processes that talk over DDS. Afterwards the recording is read back and made into a film.
"""

from __future__ import annotations

import argparse
from collections import Counter
from contextlib import ExitStack
import json
import math
from pathlib import Path
import shutil
import sys
import time

import cv2
import numpy as np
from tqdm import tqdm

from pose_machine_ros.commands.options import add_camera, add_lifting
from pose_machine_ros.errors import InputError, PoseMachineError
from pose_machine_ros.io import bags
from pose_machine_ros.io.calibration import Calibration
from pose_machine_ros.io.sample_video import sample_video
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.pose import Skeleton, TrackingState
from pose_machine_ros.processes.domain import private_environment
from pose_machine_ros.processes.node_process import NodeProcess
from pose_machine_ros.processes.signals import raise_on_signals, signals_wait
from pose_machine_ros.rendering.film import Composer, film_fps, FilmWriter

_READY_SECONDS = 120.0  # the first start exports the networks for ONNX Runtime
_IDLE_SECONDS = 1.5  # without a new result, after the camera has ended; the first may take longer
_STALL_SECONDS = 30.0  # without a new image, while the camera is running
_RESULTS = ('skeletons.mp4', 'skeletons.png', 'summary.json')


def play(video: Path, calibration: Path | None, width: int, parameters: dict[str, object],
         bag: Path) -> dict:
    """Play a video to the node with `parameters`, and record.

    Returns counts and the device, see `summarize`.
    """
    environment = private_environment()
    frames = len(VideoFile(video))
    with ExitStack() as stack:
        def start(module: str, **options: object) -> NodeProcess:
            with signals_wait():
                process = NodeProcess(module, environment, **options)
                stack.callback(process.stop)
            return process

        node = start('node', **parameters)
        found = node.wait_for(r'ready on (\S+),', _READY_SECONDS)
        recorder = start('recorder', bag=bag)
        recorder.wait_for('{', _READY_SECONDS)
        camera = start('video_camera', file=video, width=width, wait_for_subscribers=2,
                       reliable=True, **({'calibration': calibration} if calibration else {}))
        counts = _watch(node, recorder, camera, frames)
        for process in (camera, recorder, node):
            status = process.stop()
            if status:
                raise process.failure(f'ended with status {status}')
        played = camera.wait_for(r'published (\d+) images', 0)
        return {'frames_published': int(played[1]), 'frames_recorded': counts['images'],
                'device': found[1], 'correction': parameters['correction.mode']}


def _watch(node: NodeProcess, recorder: NodeProcess, camera: NodeProcess,
           frames: int) -> dict[str, int]:
    """Show progress until the camera has ended and the node is idle; returns the last counts."""
    counts, changed = {'images': 0}, time.monotonic()
    with tqdm(total=frames or None, unit='frame', desc='playing') as bar:
        while camera.is_running or time.monotonic() - changed < (
                _IDLE_SECONDS if counts.get('skeletons') else _STALL_SECONDS):
            for process in (node, recorder):
                if not process.is_running:
                    raise process.failure('died')
            newest = json.loads(next(x for x in reversed(recorder.lines) if x.startswith('{')))
            if newest != counts:
                counts, changed = newest, time.monotonic()
            elif camera.is_running and time.monotonic() - changed > _STALL_SECONDS:
                raise camera.failure(f'sent no image for {_STALL_SECONDS:.0f} s')
            bar.n = counts['images']
            bar.set_postfix(processed=counts['skeletons'], people=counts['people'],
                            latency=f'{counts["latency_ms"]:.0f} ms')
            time.sleep(0.1)
    return counts


def summarize(bag: Path, facts: dict) -> dict:
    """Return what a recording shows, on top of `facts`."""
    latencies, people, stamps, markers = [], Counter(), set(), 0
    for topic, _, message in bags.read(bag):
        if topic.endswith('/skeletons'):
            stamps.add(bags.stamp_of(message.header))
            latencies.append(message.latency.sec * 1e3 + message.latency.nanosec * 1e-6)
            people.update(s.id for s in message.skeletons
                          if TrackingState(s.tracking_state).is_seen)
        markers += topic.endswith('/markers')
    return {**facts, 'frames_processed': len(stamps), 'skeleton_messages': len(latencies),
            'marker_messages': markers, 'people': dict(people),
            'latency_ms': {p: round(float(np.percentile(latencies, q)), 1) if latencies else None
                           for p, q in (('p50', 50), ('p99', 99))}}


def render(bag: Path, film: Path, still: Path, fps: float, by_stamps: bool = False,
           rotation: int = 0, **lens: object) -> None:
    """Make a film and a still of a recording, as long as it was.

    Only frames that the node worked on are shown, each with its own skeletons; where it left frames
    out, the picture stands still. Recorded frames are `1 / fps` apart, or `by_stamps`, if the video
    has no constant rate. `rotation` is the node's, and `lens` is how `Calibration.camera` reads the
    intrinsics that were recorded.
    """
    results, calibration = {}, None
    for topic, _, message in bags.read(bag):
        if topic.endswith('/skeletons'):
            results[bags.stamp_of(message.header)] = bags.skeletons_of(message)
        elif topic.endswith('/camera_info') and calibration is None:
            calibration = Calibration.of_info(message)
    if calibration is None:
        raise InputError(f'{bag} holds no camera_info, which a picture of it needs')
    composer, best, picture = Composer(rotation), (-1.0, None), None
    with FilmWriter(film, fps) as writer:
        frames = (m for topic, _, m in bags.read(bag) if topic.endswith('/compressed'))
        for message in tqdm(frames, unit='frame', desc='rendering'):
            skeletons = results.get(bags.stamp_of(message.header))
            if picture is None or skeletons is not None:
                image = bags.image_of(message)
                camera = calibration.camera(image.shape[1], image.shape[0], **lens)
                picture = composer.draw(image, skeletons or [], camera)
            stamp_ns = bags.stamp_of(message.header)
            writer.add(picture, stamp_ns if by_stamps else None)
            if skeletons and _worth(skeletons) > best[0]:
                best = _worth(skeletons), picture
    if best[1] is not None:
        cv2.imwrite(str(still), best[1])


def _worth(skeletons: list[Skeleton]) -> float:
    """How much there is to see: how many people, and how sure of them we are."""
    return sum(s.score for s in skeletons if s.state == TrackingState.TRACKED)


def _clear(out: Path) -> None:
    """Make the folder `out`, without an earlier demo's results; leaves all other files alone."""
    bag = out / 'bag'
    if bag.is_dir() and {f.suffix for f in bag.iterdir()} - {'.db3', '.yaml'}:
        raise InputError(f'{bag} holds more than a recording; give another folder with --out')
    try:
        out.mkdir(parents=True, exist_ok=True)
        if bag.exists():
            shutil.rmtree(bag)
        for name in _RESULTS:
            (out / name).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f'cannot write to --out {out}: {error}') from error


def main() -> int:
    """Run the demo; returns the exit status, non-zero where no skeleton came out."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--video', type=Path, help='footage (default: the sample video)')
    parser.add_argument('--width', type=int, metavar='PX',
                        help='of the published images (default: a whole fraction of the '
                             "video's, near 900 px on the longer side)")
    parser.add_argument('--out', type=Path, default=Path('demo_output'))
    add_camera(parser)
    add_lifting(parser)
    args = parser.parse_args()
    raise_on_signals()
    try:
        video = args.video or sample_video()
        source = VideoFile(video)
        width = args.width or source.handy_width()
        fov = math.radians(args.fov)
        lens = {'rectified': args.rectified, 'fov': fov}
        if args.camera:  # complains before earlier results are deleted
            Calibration.of_yaml(args.camera).camera(
                width, round(source.height * width / source.width), **lens)
        _clear(args.out)
        bag = args.out / 'bag'
        facts = play(video, args.camera, width, {
            'device': args.device, 'correction.mode': args.correction,
            'person_height': args.person_height, 'image.rotation': args.rotation,
            'image.rectified': args.rectified, 'fov': fov}, bag)
        summary = summarize(bag, {'video': video.name, **facts})
        (args.out / 'summary.json').write_text(json.dumps(summary, indent=2) + '\n')
        print(json.dumps(summary, indent=2))
        if not summary['people']:
            raise InputError('no skeleton came out')
        render(bag, args.out / 'skeletons.mp4', args.out / 'skeletons.png', film_fps(source),
               by_stamps=not source.has_constant_rate, rotation=args.rotation, **lens)
    except PoseMachineError as error:
        print(f'demo: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('demo: interrupted; its processes have ended', file=sys.stderr)
        return 130
    print(f'look at {args.out}/skeletons.mp4 and {args.out}/skeletons.png')
    return 0


if __name__ == '__main__':
    sys.exit(main())
