# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A searcher in the background whose answers come a fixed number of frames later."""


class LateSearcher:
    """Searches in the frame in which it starts, and gives the answer `frames` frames later.

    While nobody is followed, it gives the answer at once, like `BackgroundSearcher`.
    """

    in_background = True

    def __init__(self, frames):
        self._frames = frames
        self.reset()

    def reset(self):
        self._frame, self._due, self._ended, self._took, self._answer = 0, 0, -1000, 0, None

    def is_free(self, followed, share):
        self._frame += 1
        return self._answer is None and self._frame >= self._ended + self._took * (1 / share - 1)

    def start(self, search, followed):
        self._answer, self._took = search(), self._frames if followed else 0
        self._due = self._frame + self._took

    def result(self):
        if self._answer is None or self._frame < self._due:
            return None
        answer, self._answer, self._ended = self._answer, None, self._frame
        return answer

    def close(self):
        pass
