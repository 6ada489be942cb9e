# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Camera and subscriber on one host, node on another, with the provided transport profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import json
from pathlib import Path
import signal

import pytest
from support.clips import write_clip
from support.hosts import Host, HostsNotPermitted, two_hosts
from support.processes import NodeProcess, PATIENCE, wait_until

from pose_machine_ros.io.bags import read_messages


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[tuple[Host, Host]]:
    try:
        with two_hosts(tmp_path) as made:
            yield made
    except HostsNotPermitted as reason:
        pytest.skip(f'no network namespaces: {reason}')


def people_got(recorder: NodeProcess) -> int:
    """Return the number of people in the newest result that the recorder received."""
    reports = [line for line in recorder.lines if line.startswith('{')]
    return json.loads(reports[-1])['people'] if reports else 0


@pytest.mark.parametrize('discovery', ['multicast', 'peers'])
def test_images_cross_to_the_node_and_skeletons_come_back(
        hosts: tuple[Host, Host], start: Callable[..., NodeProcess], tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch, discovery: str) -> None:
    if discovery == 'multicast':
        monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'SUBNET')
    else:
        monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
        monkeypatch.setenv('ROS_STATIC_PEERS', ';'.join(host.address for host in hosts))
    robot, computer = hosts
    node = start('node', prefix=computer.prefix, device='cpu', correction__mode='none')
    node.wait_for_line('ready on cpu')
    bag = tmp_path / 'bag'
    recorder = start('recorder', prefix=robot.prefix, bag=bag)
    camera = start('video_camera', prefix=robot.prefix, loop='true', rate=5.0, frame_id='eye',
                   file=write_clip(tmp_path / 'clip.avi', 10))
    wait_until(lambda: people_got(recorder) == 2, PATIENCE,
               lambda: '\n'.join(p.output for p in (node, camera, recorder)))
    assert recorder.end(signal.SIGINT) == 0, recorder.output
    arrays = [message for _, _, message in read_messages(bag, ['/pose_machine/skeletons'])]
    assert arrays, recorder.output
    assert {a.header.frame_id for a in arrays} == {'eye'}
