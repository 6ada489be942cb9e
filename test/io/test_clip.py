# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A video that is kept in memory: the same images, decoded once, and only if they fit."""

from __future__ import annotations

from collections.abc import Iterator
import itertools
from pathlib import Path

import numpy as np
import pytest
from support.clips import write_clip

from pose_machine_ros.io.clip import Clip, memory_for_clips
from pose_machine_ros.io.images.shrink import shrink
from pose_machine_ros.io.video import VideoFile

FRAMES, SIZE = 8, (162, 288)
BYTES = FRAMES * 162 * 288 * 3


class CountingVideo(VideoFile):
    """A video that counts the frames it decodes; its header may say another number."""

    decoded = 0
    length: int | None = None

    def __len__(self) -> int:
        return super().__len__() if self.length is None else self.length

    def __iter__(self) -> Iterator[tuple[int, np.ndarray]]:
        for frame in super().__iter__():
            self.decoded += 1
            yield frame


@pytest.fixture
def video(tmp_path: Path) -> CountingVideo:
    return CountingVideo(write_clip(tmp_path / 'clip.avi', FRAMES), threads=1)


def assert_same(clip: Clip, video: VideoFile) -> None:
    expected = VideoFile(video.path)
    for (stamp, image), (true_stamp, true_image) in zip(clip, expected, strict=True):
        assert stamp == true_stamp
        np.testing.assert_array_equal(image, shrink(true_image, clip.size))


def test_a_clip_that_fits_is_decoded_once(video: CountingVideo) -> None:
    clip = Clip(video, SIZE, BYTES)
    assert clip.fits and not clip.is_loaded
    for _ in range(3):
        assert_same(clip, video)
        assert clip.is_loaded and video.decoded == FRAMES


@pytest.mark.parametrize('length', [FRAMES, 0, 1])  # 0: unknown
def test_a_clip_that_does_not_fit_is_decoded_each_time(video: CountingVideo, length: int) -> None:
    video.length = length
    clip = Clip(video, SIZE, BYTES - 1)
    for times in (1, 2):
        assert_same(clip, video)
        assert not clip.is_loaded and video.decoded == times * FRAMES


def test_loading_decodes_everything_or_next_to_nothing(video: CountingVideo) -> None:
    Clip(video, SIZE, BYTES - 1).load()
    assert video.decoded == 1
    clip = Clip(video, SIZE, BYTES)
    clip.load()
    assert clip.is_loaded
    decoded = video.decoded
    assert_same(clip, video)
    assert video.decoded == decoded


def test_an_iteration_that_is_left_keeps_nothing_incomplete(video: CountingVideo) -> None:
    clip = Clip(video, SIZE, BYTES)
    assert len(list(itertools.islice(clip, 3))) == 3
    assert not clip.is_loaded
    assert_same(clip, video)
    assert_same(clip, video)


def test_the_memory_is_bounded() -> None:
    assert 0 < memory_for_clips() <= 2**30
