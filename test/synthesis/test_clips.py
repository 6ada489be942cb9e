# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from support import captured
import torch

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.lifting.recurrent_lifter import NOMINAL_STATURE
from pose_machine_ros.skeleton import COCO_17, MOCAP_25
from pose_machine_ros.synthesis import bodies, noise, views
from pose_machine_ros.synthesis.clips import ClipSynthesizer


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    return captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz')


@pytest.fixture(scope='module')
def clips(path):
    motion = MotionCaptureDataset.load(path, 'train')
    return torch.stack([motion.clip(i)[:40] for i in range(len(motion))])


def lengths(joints):
    parents = [max(p, 0) for p in MOCAP_25.parents]
    return (joints - joints[..., parents, :]).norm(dim=-1)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_splits_are_kept_apart(path):
    assert len(MotionCaptureDataset.load(path, 'train')) == 3
    assert len(MotionCaptureDataset.load(path, 'test')) == 1
    with pytest.raises(InputError, match='validation'):
        MotionCaptureDataset.load(path, 'validation')


def test_files_are_concatenated(path, tmp_path):
    more = captured.write(tmp_path / 'more.npz')
    alone, joined = (MotionCaptureDataset.load(p, 'train') for p in (path, [path, more]))
    assert len(joined) == 2 * len(alone)
    torch.testing.assert_close(
        joined.clip(len(alone) + 1), MotionCaptureDataset.load(more, 'train').clip(1))


def test_a_file_of_another_format_is_refused(tmp_path):
    other = tmp_path / 'other.npz'
    np.savez(other, joints=np.array(['a']))
    with pytest.raises(InputError, match='root'):
        MotionCaptureDataset.load(other, 'train')


def test_mirroring_twice_changes_nothing(clips):
    torch.testing.assert_close(bodies.mirror(bodies.mirror(clips)), clips)


def test_mirroring_keeps_left_limbs_on_the_left(clips):
    """The cross product of the trunk's left and up points forward, also after mirroring."""
    def forward(joints):
        def at(name):
            return joints[..., MOCAP_25.index(name), :]
        left, nose = at('left_hip') - at('right_hip'), at('nose') - at('head_top')
        up = at('thorax') - at('pelvis')
        return (torch.linalg.cross(left, up) * nose).sum(-1)
    assert (forward(clips) > 0).all() == (forward(bodies.mirror(clips)) > 0).all()


def test_random_bodies_are_rigid_and_symmetric(clips):
    people = bodies.randomize_bodies(clips, generator())
    bones = lengths(people)
    rigid = [MOCAP_25.index(n) for n in ('left_knee', 'left_ankle', 'right_elbow', 'left_shoulder')]
    assert float(bones[:, :, rigid].std(1).max()) < 0.02
    torch.testing.assert_close(bones[..., MOCAP_25.index('left_knee')].median(1).values,
                               bones[..., MOCAP_25.index('right_knee')].median(1).values,
                               atol=1e-3, rtol=0)
    torch.testing.assert_close(people[:, :, 0], clips[:, :, 0])


def test_random_bodies_differ_but_have_the_nominal_stature(clips):
    people = bodies.randomize_bodies(clips[:1].expand(200, -1, -1, -1), generator())
    bones = lengths(people)[:, 0]
    assert float(bones[:, MOCAP_25.index('left_knee')].std()) > 0.01
    stature = sum(bones[:, MOCAP_25.index(n)] for n in
                  ('left_knee', 'left_ankle', 'thorax', 'head_top'))
    assert float(stature.std()) < 1e-3 * NOMINAL_STATURE


def test_cameras_see_people_upright_and_not_mirrored(clips):
    seen = views.sample_views(clips.repeat(30, 1, 1, 1), generator())
    head, ankle = (seen.joints[..., MOCAP_25.index(n), 1] for n in ('head_top', 'left_ankle'))
    assert (head < ankle).float().mean() > 0.98  # y points down
    distances = lengths(seen.joints)
    torch.testing.assert_close(distances, lengths(clips).repeat(30, 1, 1), atol=1e-4, rtol=0)

    # A rotation, not a reflection: the trunk keeps its handedness.
    def handedness(joints):
        left = joints[..., MOCAP_25.index('left_shoulder'), :] - joints[..., 0, :]
        right = joints[..., MOCAP_25.index('right_shoulder'), :] - joints[..., 0, :]
        nose = joints[..., MOCAP_25.index('nose'), :] - joints[..., 0, :]
        return (torch.linalg.cross(left, right) * nose).sum(-1)
    torch.testing.assert_close(handedness(seen.joints), handedness(clips).repeat(30, 1),
                               atol=1e-4, rtol=0)


def noisy_keypoints(config=noise.NoiseConfig(), batch=60, frames=60):
    plane = 0.05 * torch.randn(batch, 1, 17, 2, generator=generator()).expand(-1, frames, -1, -1)
    steps = torch.full((batch, frames), 1 / 30)
    wide = torch.full((batch, 2), 10.0)
    seen, scores = noise.add_detection_noise(plane, wide, steps, generator(1), config)
    size = (plane - plane.mean(2, keepdim=True)).square().sum(-1).mean(-1).sqrt()
    return (seen - plane).norm(dim=-1) / size[..., None], scores


def test_low_scores_indicate_large_errors():
    error, scores = noisy_keypoints()
    confident, uncertain = error[scores > 0.6], error[(scores > 0) & (scores < 0.35)]
    assert float(uncertain.nanmedian()) > 2 * float(confident.nanmedian())


def test_jitter_is_correlated_in_time():
    quiet = noise.NoiseConfig(bias=0, occlusion_rate=0, outlier_rate=0, swap_rate=0,
                              absent=(0, 0), vanish_rate=0, lost_face=0)
    plane = torch.randn(50, 1, 17, 2, generator=generator()).expand(-1, 60, -1, -1)
    steps = torch.full((50, 60), 1 / 60)
    seen, _ = noise.add_detection_noise(
        plane, torch.full((50, 2), 99.0), steps, generator(1), quiet)
    error = (seen - plane)[..., 0]
    fast = (error[:, 1:] * error[:, :-1]).mean() / error.square().mean()
    slow = (error[:, 30:] * error[:, :-30]).mean() / error.square().mean()
    assert float(fast) > 0.8 and abs(float(slow)) < 0.2


def test_legs_are_occluded_together_as_by_a_table():
    """Arms are not occluded more often with them than without."""
    still = torch.zeros(4000, 1, 17, 2) + torch.randn(17, 2)
    quiet = noise.NoiseConfig(occlusion_rate=1.0, outlier_rate=0, swap_rate=0, plain_scores=0)
    _, scores = noise.add_detection_noise(
        still, torch.full((4000, 2), 99.0), torch.full((4000, 1), 0.03), generator(), quiet)
    occluded = scores[:, 0] < 0.35
    ankle, hip, elbow = (occluded[:, [COCO_17.index(f'{side}_{part}') for side in (
        'left', 'right')]].all(-1).float() for part in ('ankle', 'hip', 'elbow'))

    def probability(this, given):
        return float((this * given).sum() / given.sum())

    assert probability(ankle, hip) > 1.3 * float(ankle.mean())
    assert probability(elbow, hip) < 1.3 * float(elbow.mean())


def test_frames_after_the_end_of_a_clip_have_no_weight(tmp_path):
    short = MotionCaptureDataset.load(captured.write(tmp_path / 'short.npz'), 'train')
    long = next(ClipSynthesizer(short, 8, 2000, 0))
    assert float(long.weights[:, -1].max()) == 0 < float(long.weights[:, 0].max())


def test_keypoints_outside_the_image_are_not_seen():
    plane = torch.full((2, 5, 17, 2), 2.0)
    plane[..., COCO_17.index('nose'), :] = 0.0
    seen, scores = noise.add_detection_noise(
        plane, torch.ones(2, 2), torch.full((2, 5), 0.03), generator(),
        noise.NoiseConfig(swap_rate=0))
    assert seen[..., 1:, :].isnan().all() and (scores[..., 1:] == 0).all()


def test_the_same_seed_gives_the_same_batches(path):
    motion = MotionCaptureDataset.load(path, 'train')
    first, again, other = (next(ClipSynthesizer(motion, 4, 10, seed)) for seed in (3, 3, 4))
    torch.testing.assert_close(first.view.features, again.view.features, rtol=0, atol=0)
    assert (first.view.features != other.view.features).any()


def test_the_label_projects_onto_the_true_keypoints(path):
    """Joints and keypoints are in the same camera: a ray through both starts at its centre."""
    batch = next(ClipSynthesizer(MotionCaptureDataset.load(path, 'train'), 16, 8))
    from pose_machine_ros.correction.root import locate
    from pose_machine_ros.skeleton import SHARED_JOINTS, SHARED_KEYPOINTS
    counted = batch.weights > 0
    joints, plane = batch.joints[counted].double(), batch.true_plane[counted].double()
    root = locate(joints, plane, torch.ones_like(plane[..., 0]))
    placed = (joints + root[:, None])[:, SHARED_JOINTS]
    projected = placed[..., :2] / placed[..., 2:]
    assert float((projected - plane[:, SHARED_KEYPOINTS]).abs().max()) < 1e-4
