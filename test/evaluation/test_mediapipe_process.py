# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from contextlib import closing
from pathlib import Path
import sys

import numpy as np
import pytest
from support.mediapipe import mediapipe_stand_in

from pose_machine_ros.errors import InputError
from pose_machine_ros.evaluation.mediapipe_process import MediaPipeMissingError, MediaPipeProcess

PYTHON = Path(sys.executable)


def test_images_arrive_as_rgb_and_landmarks_return(tmp_path, monkeypatch):
    monkeypatch.setenv('PYTHONPATH', str(mediapipe_stand_in(tmp_path)))
    image = np.zeros((24, 32, 3), np.uint8)
    image[0, 0] = 1, 2, 3
    with closing(MediaPipeProcess(PYTHON, 'full')) as network:
        for shown in (image, np.tile(image, (2, 1, 1))):  # another size next
            found = network.step(shown)
            assert found.world.shape == found.landmarks.shape == (33, 3)
            assert found.world[0].tolist() == [3, 2, 1]
            assert found.landmarks[0].tolist() == [3, 2, 0.5]
        nobody = network.step(np.zeros_like(image))
        assert nobody.world is None and nobody.landmarks is None
        assert nobody.milliseconds > 0


def test_an_environment_without_mediapipe_is_named():
    with pytest.raises(MediaPipeMissingError, match=f'{PYTHON.name} cannot load'):
        MediaPipeProcess(PYTHON, 'full')


def test_the_error_names_the_option_and_where_to_read_how_to_install_it(tmp_path):
    with pytest.raises(InputError, match='absent does not run.*--mediapipe-python'):
        MediaPipeProcess(tmp_path / 'absent', 'full')
    with pytest.raises(InputError, match='--mediapipe-python, see .*mediapipe_process'):
        MediaPipeProcess(PYTHON, 'full')
