# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A demo: camera, node and recorder as processes over DDS."""

from __future__ import annotations

import json
from pathlib import Path
import time

from tqdm import tqdm

from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.processes.node_process import NodeProcess
from pose_machine_ros.processes.process_group import ProcessGroup

_IDLE_SECONDS = 1.5  # without a new result, after the camera has ended; the first may take longer
_STALL_SECONDS = 30.0  # without a new image, while the camera is running
_POLL_SECONDS = 0.1


def play(video: Path, calibration: Path | None, width: int, parameters: dict[str, object],
         bag: Path) -> dict:
    """Play a video to the node with `parameters`, and record its images and results in `bag`.

    Images are `width` px wide; `calibration` is that of the video's camera. Returns the numbers of
    published and recorded frames, the device and the correction. Raises InputError with the end of
    its output for a process that fails.
    """
    frames = len(VideoFile(video))
    with ProcessGroup() as group:
        node = group.start('node', **parameters)
        device = node.wait_for(r'ready on (\S+),')[1]
        recorder = group.start('recorder', bag=bag)
        recorder.wait_for('{')
        camera = group.start('video_camera', file=video, width=width, preload=True,
                             wait_for_subscribers=2, reliable=True,
                             **({'calibration': calibration} if calibration else {}))
        counts = _watch(group, node, recorder, camera, frames)
        group.stop()
        published = camera.wait_for(r'published (\d+) images', 0)[1]
    return {'frames_published': int(published), 'frames_recorded': counts['images'],
            'device': device, 'correction': parameters['correction.mode']}


def _watch(group: ProcessGroup, node: NodeProcess, recorder: NodeProcess, camera: NodeProcess,
           frames: int) -> dict[str, int]:
    """Show progress until the camera has ended and the node is idle; return the last counts."""
    counts, changed = {'images': 0}, time.monotonic()
    with tqdm(total=frames or None, unit='frame', desc='playing') as bar:
        while camera.is_running or time.monotonic() - changed < (
                _IDLE_SECONDS if counts.get('skeletons') else _STALL_SECONDS):
            group.check_running(node, recorder)
            newest = json.loads(next(x for x in reversed(recorder.lines) if x.startswith('{')))
            if newest != counts:
                counts, changed = newest, time.monotonic()
            elif camera.is_running and time.monotonic() - changed > _STALL_SECONDS:
                raise camera.failure(f'sent no image for {_STALL_SECONDS:.0f} s')
            bar.n = counts['images']
            bar.set_postfix(processed=counts['skeletons'], people=counts['people'],
                            latency=f'{counts["latency_ms"]:.0f} ms')
            time.sleep(_POLL_SECONDS)
    return counts
