# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Camera and subscriber on one host, node on the other, with the transport profile as shipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import json
from pathlib import Path

import pytest
from ros.clips import write_clip
from ros.hosts import Host, HostsNotPermitted, two_hosts
from ros.processes import NodeProcess, wait_until

from pose_machine_ros.recording import read

SECONDS = 120.0


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[tuple[Host, Host]]:
    try:
        with two_hosts(tmp_path) as made:
            yield made
    except HostsNotPermitted as reason:
        pytest.skip(f'no network namespaces: {reason}')


def counts(recorder: NodeProcess) -> dict[str, float]:
    """Return what the recorder got so far."""
    reports = [line for line in recorder.lines if line.startswith('{')]
    return json.loads(reports[-1]) if reports else {'skeletons': 0, 'people': 0}



def test_images_cross_to_the_node_and_skeletons_come_back(
        hosts: tuple[Host, Host], start: Callable[..., NodeProcess], tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'SUBNET')
    robot, computer = hosts
    node = start('node', prefix=computer.prefix, device='cpu', correction__mode='none')
    node.wait_for_line('ready on cpu', SECONDS)
    bag = tmp_path / 'bag'
    recorder = start('recorder', prefix=robot.prefix, bag=bag)
    camera = start('video_camera', prefix=robot.prefix, loop='true', rate=5.0, frame_id='eye',
                   file=write_clip(tmp_path / 'clip.avi', 10))
    wait_until(lambda: counts(recorder)['skeletons'] > 5 and counts(recorder)['people'] > 0,
               SECONDS, lambda: '\n'.join(p.output for p in (node, camera, recorder)))
