# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Several cameras on one topic are distinguished from a restarted one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
import time
from types import SimpleNamespace

import pytest
from support.processes import Listener, NodeProcess

from pose_machine_ros.ros.input.publisher_watch import PublisherWatch
from pose_machine_ros.ros.runtime.distributions import TopicEndpointInfo


def publisher(gid: int, name: str = 'camera', namespace: str = '/') -> TopicEndpointInfo:
    return SimpleNamespace(node_name=name, node_namespace=namespace, endpoint_gid=[gid] * 16)


def watch(*looks: tuple[float, list[TopicEndpointInfo]]) -> list[tuple[str, ...]]:
    made = PublisherWatch()
    return [made.update(publishers, now) for now, publishers in looks]


def test_two_names_are_reported_when_seen_again_and_while_both_exist() -> None:
    left, right = publisher(1), publisher(2, namespace='/right')
    assert watch((0, [left]), (1, [left, right]), (2, [right, left]), (60, [left, right]),
                 (61, [right]), (62, [])) == [
        (), (), ('/camera', '/right/camera'), ('/camera', '/right/camera'), (), ()]


def test_one_camera_is_never_reported() -> None:
    assert not any(watch(*((t, [publisher(1)]) for t in range(100))))


def test_a_camera_that_is_killed_and_started_again_is_one() -> None:
    """It restarts every ten seconds; each publisher stays in the graph for twenty more."""
    looks = [(t, [publisher(n) for n in range(20) if 10 * n <= t < 10 * n + 30])
             for t in range(100)]
    assert max(len(publishers) for _, publishers in looks) == 3
    assert not any(watch(*looks))


def test_a_camera_that_ran_long_and_is_started_again_is_one() -> None:
    looks = [(t, [publisher(n) for n, (begin, end) in enumerate(((0, 120), (100, 300)))
                  if begin <= t < end]) for t in range(200)]
    assert not any(watch(*looks))


def test_two_of_one_name_are_reported_after_they_last() -> None:
    both = [publisher(1), publisher(2)]
    told = watch(*((t, both) for t in range(40)))
    assert not any(told[:21]) and told[-1] == ('/camera', '/camera')


@pytest.mark.parametrize('before, after', [
    ('image_publisher_1001', 'image_publisher_1002'), ('cam_host_12_1719', 'cam_host_131_1720'),
    ('camera_3fa9c2', 'camera_90be11'), ('camera', 'camera_2'), ('usb_cam7', 'usb_cam12')])
def test_names_with_new_numbers_at_every_start_count_as_one_until_they_last(
        before: str, after: str) -> None:
    both = [publisher(1, before), publisher(2, after)]
    restarted = [(t, both[:1] if t < 100 else both if t < 120 else both[1:]) for t in range(200)]
    assert not any(watch(*restarted))
    told = watch(*((t, both) for t in range(40)))
    assert not any(told[:21]) and told[-1] == tuple(sorted((f'/{before}', f'/{after}')))


def test_names_that_differ_before_their_numbers_are_reported_immediately() -> None:
    both = [publisher(1, 'left_1'), publisher(2, 'right_1')]
    assert watch((0, both), (1, both))[-1] == ('/left_1', '/right_1')


def test_a_name_that_is_not_known_yet_is_no_other_name() -> None:
    unknown = publisher(2, '_NODE_NAME_UNKNOWN_', '_NODE_NAMESPACE_UNKNOWN_')
    told = watch(*((t, [publisher(1), unknown]) for t in range(40)))
    assert not any(told[:21]) and told[-1] == ('/camera', 'a node of unknown name')


def test_a_process_that_is_killed_and_started_again_is_one_over_dds(
        start: Callable[..., NodeProcess], listener: Listener, clip: Path) -> None:
    watch, told = PublisherWatch(), []

    def gids() -> set[bytes]:
        found = listener.node.get_publishers_info_by_topic('/image')
        told.append(watch.update(found, time.monotonic()))
        return {bytes(p.endpoint_gid) for p in found}

    camera = start('video_camera', file=clip, loop='true')
    listener.spin_until(lambda: bool(gids()))
    killed = gids()
    camera.kill()
    start('video_camera', file=clip, loop='true')
    listener.spin_until(lambda: bool(gids() - killed))  # the killed one is usually there too
    end = time.monotonic() + 2
    listener.spin_until(lambda: bool(gids()) and time.monotonic() > end)
    assert not any(told)
