# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import gzip

import numpy as np
import pytest
from support.marked_person import put_on

from pose_machine_ros import cli
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.mocap import ui_prmd
from pose_machine_ros.io.mocap.archive import import_folder
from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.skeleton import MOCAP_25


def write(path, start=0, frames=60, hidden=None):
    """Write a person who moves forward by 1 mm per frame, and return the markers in metres."""
    markers = np.stack([put_on()[1] + (0.001 * (start + f), 0, 0) for f in range(frames)])
    if hidden is not None:
        markers[:, hidden] = 0
    lines = '\n'.join(','.join(f'{v:.6f}' for v in 1000 * row.ravel()) for row in markers)
    (gzip.open if path.suffix == '.gz' else open)(path, 'wt').write(lines + '\n')
    return markers


def test_repetitions_become_one_recording_in_order(tmp_path):
    for number, suffix in ((1, '.txt'), (2, '.txt.gz'), (10, '.txt')):
        write(tmp_path / f'm04_s07_e{number:02}_positions{suffix}', 100 * number)
    write(tmp_path / 'm04_s07_e01_positions_inc.txt')
    (tmp_path / 'm04_s07_e01_angles.txt').write_text('1,2,3')
    found = ui_prmd.recordings(tmp_path.iterdir())
    assert [p.name for p in found] == ['s07_m04', 's07_m04_inc']
    assert [p.name[8:11] for p in found[tmp_path / 's07_m04']] == ['e01', 'e02', 'e10']


def test_positions_are_in_metres_and_at_most_8_seconds(tmp_path):
    parts = [tmp_path / f'm01_s01_e{n:02}_positions.txt' for n in range(1, 5)]
    written = np.concatenate([write(p, 300 * n, frames=300) for n, p in enumerate(parts)])
    np.testing.assert_allclose(ui_prmd.read(parts), written[:800], atol=1e-8)


def test_the_command_converts_a_folder_to_clips(tmp_path, capsys, caplog):
    for subject in (2, 3, 4):
        for number in (1, 2):
            write(tmp_path / f'm01_s{subject:02}_e{number:02}_positions.txt.gz', 60 * (number - 1),
                  hidden=0 if subject == 4 else None)
    (tmp_path / 'm02_s03_e01_positions.txt').write_text('1,2,3\n')  # other columns, as of Kinect
    out = tmp_path / 'out.npz'
    assert cli.main(['import-mocap', str(tmp_path), '--out', str(out),
                     '--test-subjects', 's03']) == 0
    assert '2 clips, 72 frames at 30 Hz; 2 recordings left out' in capsys.readouterr().out
    assert 's04_m01: no frame' in caplog.text and 'positions of 39 markers' in caplog.text
    for split in ('train', 'test'):
        data = MotionCaptureDataset.load(out, split)
        clip = data.clip(0).numpy()
        assert len(data) == 1 and clip.shape == (36, 25, 3)
        np.testing.assert_allclose(clip[:, 0, 0], np.arange(36) / 300, atol=1e-5)
        np.testing.assert_allclose(clip[:, MOCAP_25.index('left_hip'), 2], 0.8611, atol=1e-3)


def test_a_file_with_other_columns_is_named(tmp_path):
    path = tmp_path / 'm01_s01_e01_positions.txt'
    path.write_text('1,2,3\n4,5,6\n')
    with pytest.raises(InputError, match='m01_s01_e01_positions.txt has no positions of 39'):
        ui_prmd.read([path])
    with pytest.raises(InputError, match='none of the 1 recordings'):
        import_folder(tmp_path, tmp_path / 'out.npz')
