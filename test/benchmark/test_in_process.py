# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The benchmark as users run it, on very few frames; nothing here asserts a time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.clips import write_clip

from pose_machine_ros import cli
from pose_machine_ros.benchmark.case import Case
from pose_machine_ros.benchmark.in_process import with_room_for
from pose_machine_ros.benchmark.percentiles import NAMES
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.tracking.config import TrackingConfig

FRAMES = 4


@pytest.fixture(scope='module')
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp('benchmark') / 'clip.avi', 6)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let child processes compute in one thread: the images are small."""
    monkeypatch.setenv('OMP_NUM_THREADS', '1')


def figures(clip: Path, *options: str) -> dict:
    out = clip.with_suffix('.json')
    assert cli.main(['benchmark', '--video', str(clip), '--frames', str(FRAMES), '--device', 'cpu',
                     '--size', '320x240', '--json', str(out), *options]) == 0
    return json.loads(out.read_text())


def test_the_figures_of_a_frame_are_consistent(
        clip: Path, capsys: pytest.CaptureFixture) -> None:
    run = figures(clip, '--people', 'video', '2', '--backend', 'torch')
    printed = capsys.readouterr().out
    assert run['command'] == ('pose-machine benchmark --people video 2 --size 320x240 --frames 4 '
                              '--device cpu --backend torch')
    assert run['machine']['backend'].startswith('torch') and 'backend: torch' in printed
    assert [r['footage'] for r in run['cases']] == ['as filmed', 'montage of 2']
    for row in run['cases']:
        assert row['footage'] in printed
        assert row['frames'] == FRAMES and 1 <= row['people_seen'] <= 2
        assert 0 < row['memory_mb'] and 0 < row['peak_memory_mb'] and 0 <= row['other_cores']
        assert row['cpu_ms'] > 0 and row['frames_per_second'] > 0 and row['first_frame_ms'] > 0
        assert row['torch_calls'] > 100  # the lifter alone
        stages = row['stages_ms']
        assert list(stages)[-1] == 'total'
        assert {'keypoints', 'track', 'lift', 'correct'} <= set(stages)
        for taken in stages.values():
            found = [taken[name] for name in NAMES]
            assert found == sorted(found) and found[0] >= 0 and 1 <= taken['frames'] <= FRAMES
            assert taken['p50'] <= stages['total']['max']


def test_paced_images_come_at_the_rate_of_a_camera(clip: Path) -> None:
    (row,) = figures(clip, '--people', 'video', '--paced', '--correction', 'none')['cases']
    assert row['is_paced'] and row['frames_per_second'] <= 30.5


def test_several_cameras_are_compared_and_share_memory(clip: Path) -> None:
    run = figures(clip, '--people', 'video', '--cameras', '2', '--arrangements', '--correction',
                  'none')
    by_name = {row['arrangement']: row for row in run['cases']}
    assert len(by_name) == 3
    for row in run['cases']:
        assert row['cameras'] == 2 and row['frames'] == 2 * FRAMES
    for name in ('one process', 'one process, in batches'):
        # The peak, because the kernel may take pages back when memory is short
        assert by_name[name]['peak_memory_mb'] < 0.8 * by_name['a process each']['peak_memory_mb']


def test_more_people_than_the_default_are_tracked_unless_a_limit_is_given() -> None:
    default, limited = MachineConfig(), MachineConfig(tracking=TrackingConfig(max_people=3))
    assert with_room_for(Case(10), default).tracking.max_people == 10
    assert with_room_for(Case(2), default) == with_room_for(Case(None), default) == default
    assert with_room_for(Case(10), limited) == limited
