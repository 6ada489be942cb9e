# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Launch files, with a fake of the launch packages and, if installed, with the real ones."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import pytest
from support import fake_launch
import yaml

from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.rig import dotted
from pose_machine_ros.ros.runtime.distributions import profile_variable, PROFILE_VARIABLES

FOLDER = Path(__file__).parents[2] / 'launch'
FILES = sorted(path.name for path in FOLDER.glob('*.launch.py'))
OF_ONE_CAMERA = ('camera.launch.py', 'video.launch.py')


class Launch:
    """The packages launch and launch_ros, real or fake, with the tests' view of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.package = importlib.import_module('launch')
        self._sources = importlib.import_module('launch.launch_description_sources')
        actions = importlib.import_module('launch_ros.actions')
        self._node = actions.Node

        class Node(actions.Node):
            """A node that keeps what it is made of."""

            def __init__(self, **settings: Any) -> None:
                super().__init__(**settings)
                self.settings = settings

        monkeypatch.setattr(actions, 'Node', Node)
        self.context = self.package.LaunchContext()

    def description(self, name: str) -> Any:
        """Return the launch description of a file."""
        return self._sources.get_launch_description_from_python_launch_file(str(FOLDER / name))

    def entities(self, name: str, **given: str) -> list[Any]:
        """Return everything that a launch file makes of the arguments `given`, in order."""
        self.context = self.package.LaunchContext()
        self.context.launch_configurations.update(given)
        waiting, done = [self.description(name)], []
        while waiting:
            entity = waiting.pop(0)
            done.append(entity)
            if not isinstance(entity, self._node):
                waiting = [*(entity.visit(self.context) or []), *waiting]
        return done

    def nodes(self, name: str, **given: str) -> list[Any]:
        """Return the nodes among them."""
        return [entity for entity in self.entities(name, **given)
                if isinstance(entity, self._node)]

    def settings(self, name: str, **given: str) -> dict[str, dict[str, Any]]:
        """Return what the nodes are made of, by executable."""
        return {node.settings['executable']: node.settings for node in self.nodes(name, **given)}

    def text(self, substitutions: Any) -> str:
        """Return the text that the real launch makes of substitutions."""
        return self.package.utilities.perform_substitutions(self.context, list(substitutions))


@pytest.fixture(params=['fake', 'real'])
def launch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Launch:
    """Return launch in an environment without a chosen profile."""
    for variable in (*PROFILE_VARIABLES, 'ROS_DISTRO'):
        monkeypatch.delenv(variable, raising=False)
    if request.param == 'fake':
        fake_launch.install(monkeypatch)
    else:
        for name in ('launch', 'launch_ros'):
            pytest.importorskip(name, reason=f'{name} is not installed (PyPI does not carry it)')
    return Launch(monkeypatch)


@pytest.fixture
def real(launch: Launch) -> Launch:
    """Return the real launch only: the test looks at what it makes of a node."""
    if not hasattr(launch.nodes('camera.launch.py')[0], '_perform_substitutions'):
        pytest.skip('for the real launch')
    return launch


@pytest.fixture
def rig(tmp_path: Path) -> Path:
    path = tmp_path / 'cameras.yaml'
    write_rig(path, one_process=False)
    return path


def write_rig(path: Path, *, one_process: bool) -> None:
    path.write_text(yaml.safe_dump({
        'one_process': one_process, 'parameters': {'max_people': 2},
        'fusion': {'target_frame': 'map', 'extrinsics': 'rig.yaml'}, 'cameras': [
            {'namespace': 'left'},
            {'namespace': 'right', 'image': '/eye', 'depth': '/stereo/image_raw',
             'parameters': {'lazy': True}}]}))


def given_for(name: str, rig: Path) -> dict[str, str]:
    """Return what a launch file needs to make all of its nodes."""
    return {'camera.launch.py': {'rviz': 'true'},
            'video.launch.py': {'file': 'clip.mp4', 'rviz': 'true'},
            'fusion.launch.py': {'target_frame': 'map'},
            'multi_camera.launch.py': {'cameras': str(rig), 'fusion': 'true'}}[name]


def parameters_of(launch: Launch, node: Any) -> dict[str, Any]:
    """Return the parameters that the real launch gives to a node, by dotted name."""
    node._perform_substitutions(launch.context)
    values: dict[str, Any] = {}
    for path, _ in node._Node__expanded_parameter_arguments:
        tree, = yaml.safe_load(Path(path).read_text()).values()
        values.update(dotted(tree['ros__parameters']))
    return values


@pytest.mark.parametrize('name', FILES)
def test_every_argument_is_described(launch: Launch, name: str) -> None:
    arguments = launch.description(name).get_launch_arguments()
    expected = {'params_file', 'use_sim_time', 'log_level', 'respawn'}
    if name in OF_ONE_CAMERA:
        expected |= {'image', 'camera_info', 'depth', 'depth_camera', 'namespace', 'device',
                     'correction', 'rviz'}
    assert expected <= {argument.name for argument in arguments}
    for argument in arguments:
        assert len(argument.description) > 10, argument.name
        assert argument.default_value is not None or argument.name == 'file'


def test_camera(launch: Launch) -> None:
    nodes = launch.settings('camera.launch.py', image='/eye/image', rviz='true', namespace='left')
    assert set(nodes) == {'pose_machine_node', 'rviz2'}
    node = nodes['pose_machine_node']
    assert (node['name'], node['namespace']) == ('pose_machine', 'left')
    assert dict(node['remappings']) == {'image': '/eye/image', 'camera_info': '/camera/camera_info'}
    assert dict(nodes['rviz2']['remappings']) == {
        '/pose_machine/markers': '/left/pose_machine/markers',
        '/pose_machine/annotated_image': '/left/pose_machine/annotated_image',
        '/camera/image_raw': '/eye/image'}


@pytest.mark.parametrize('camera, image, depth', [
    ('realsense', '/camera/camera/color', '/camera/camera/aligned_depth_to_color'),
    ('orbbec', '/camera/color', '/camera/depth'), ('oak', '/oak/rgb', '/oak/stereo')])
def test_a_depth_camera_has_the_topics_of_its_driver(launch: Launch, camera: str, image: str,
                                                     depth: str) -> None:
    node = launch.settings('camera.launch.py', depth_camera=camera)['pose_machine_node']
    assert dict(node['remappings']) == {
        'image': f'{image}/image_raw', 'camera_info': f'{image}/camera_info',
        'depth': f'{depth}/image_raw', 'depth/camera_info': f'{depth}/camera_info'}
    assert node['parameters'][-1] == {'depth.enabled': True}
    moved = launch.settings('camera.launch.py', depth_camera=camera, image='/eye/image',
                            depth='/eye/depth')['pose_machine_node']
    assert dict(moved['remappings']) == {
        'image': '/eye/image', 'camera_info': f'{image}/camera_info', 'depth': '/eye/depth',
        'depth/camera_info': '/eye/camera_info'}


@pytest.mark.parametrize('name', FILES)
def test_the_profile_is_for_our_own_nodes_alone(launch: Launch, rig: Path, name: str) -> None:
    entities = launch.entities(name, **given_for(name, rig))
    assert 'SetEnvironmentVariable' not in {type(entity).__name__ for entity in entities}
    variable = profile_variable()
    assert variable not in os.environ
    for node in launch.nodes(name, **given_for(name, rig)):
        environment = node.settings.get('additional_env', {})
        if node.settings['package'] == 'pose_machine_ros':
            assert 'SHM' in Path(environment[variable]).read_text()
        else:
            assert variable not in environment


@pytest.mark.parametrize('variable', PROFILE_VARIABLES)
@pytest.mark.parametrize('name', FILES)
def test_a_profile_of_the_users_own_stays(
        launch: Launch, monkeypatch: pytest.MonkeyPatch, rig: Path, name: str, variable: str
        ) -> None:
    monkeypatch.setenv(variable, '/theirs.xml')
    assert not any(node.settings.get('additional_env')
                   for node in launch.nodes(name, **given_for(name, rig)))


def own_nodes(launch: Launch, name: str, rig: Path, **given: str) -> list[dict[str, Any]]:
    """Return what the nodes of this package are made of."""
    return [node.settings for node in launch.nodes(name, **given_for(name, rig), **given)
            if node.settings['package'] == 'pose_machine_ros']


@pytest.mark.parametrize('name', FILES)
def test_log_level(launch: Launch, rig: Path, name: str) -> None:
    for given, level in (({}, 'info'), ({'log_level': 'debug'}, 'debug')):
        nodes = own_nodes(launch, name, rig, **given)
        assert nodes
        assert all(node['ros_arguments'] == ['--log-level', level] for node in nodes)


@pytest.mark.parametrize('one_process', [False, True])
@pytest.mark.parametrize('name', FILES)
def test_respawn(launch: Launch, rig: Path, name: str, one_process: bool) -> None:
    write_rig(rig, one_process=one_process)
    for given, value in (({}, False), ({'respawn': 'false'}, False), ({'respawn': 'true'}, True)):
        for node in own_nodes(launch, name, rig, **given):
            # The end of the video shuts everything down.
            expected = value and node['executable'] != 'video_camera'
            assert node.get('respawn', False) is expected


@pytest.mark.parametrize('one_process', [False, True])
@pytest.mark.parametrize('name', FILES)
def test_simulated_time(launch: Launch, rig: Path, name: str, one_process: bool) -> None:
    write_rig(rig, one_process=one_process)
    for given, values in (({}, []), ({'use_sim_time': 'false'}, []),
                          ({'use_sim_time': 'true'}, [True])):
        for node in launch.nodes(name, **given_for(name, rig), **given):
            overrides = [p for p in node.settings['parameters'] if isinstance(p, dict)]
            # The stamps of a video file come from the system's clock.
            expected = [] if node.settings['executable'] == 'video_camera' else values
            assert [p['use_sim_time'] for p in overrides if 'use_sim_time' in p] == expected


def test_arguments_override_the_parameters(launch: Launch) -> None:
    file, = launch.nodes('camera.launch.py')[0].settings['parameters']
    assert Path(file).name == 'pose_machine.yaml'
    for text, value in (('false', False), ('True', True)):
        node, = launch.nodes('camera.launch.py', autostart=text, device='cuda:1',
                             correction='none', params_file='mine.yaml')
        assert node.settings['parameters'] == [
            'mine.yaml', {'autostart': value, 'device': 'cuda:1', 'correction.mode': 'none'}]


def test_arguments_reach_the_node(real: Launch) -> None:
    as_in_file = parameters_of(real, real.nodes('camera.launch.py')[0])
    assert (as_in_file['device'], as_in_file['correction.mode']) == ('auto', 'geometric')
    assert as_in_file['autostart'] is True
    node, = real.nodes('camera.launch.py', autostart='false', device='cuda:1', correction='none',
                       use_sim_time='true')
    assert parameters_of(real, node) == {
        **as_in_file, 'autostart': False, 'device': 'cuda:1', 'correction.mode': 'none',
        'use_sim_time': True}
    (name, value), = node.additional_env
    assert (real.text(name), Path(real.text(value)).name) == (profile_variable(), 'fastdds.xml')


@pytest.mark.parametrize('name, argument', [
    *((name, argument) for name in FILES for argument in ('use_sim_time', 'respawn')),
    *((name, 'rviz') for name in OF_ONE_CAMERA),
    ('camera.launch.py', 'autostart'), ('video.launch.py', 'loop')])
def test_neither_true_nor_false_is_refused(launch: Launch, name: str, argument: str) -> None:
    with pytest.raises(RuntimeError, match=f'{argument}.*maybe.*true.*false'):
        launch.nodes(name, **{'file': 'clip.mp4', argument: 'maybe'})


def test_video_publishes_where_the_node_listens(launch: Launch) -> None:
    nodes = launch.settings('video.launch.py', file='clip.mp4', loop='true', namespace='left')
    assert set(nodes) == {'pose_machine_node', 'video_camera'}
    for setting in ('remappings', 'namespace'):
        assert nodes['video_camera'][setting] == nodes['pose_machine_node'][setting]
    parameters, = nodes['video_camera']['parameters']
    assert (parameters['file'], parameters['loop']) == ('clip.mp4', True)


def test_several_cameras_have_a_process_each(launch: Launch, rig: Path) -> None:
    left, right = (node.settings for node in launch.nodes(
        'multi_camera.launch.py', cameras=str(rig), fusion='false'))
    assert [node['executable'] for node in (left, right)] == 2 * ['pose_machine_node']
    assert [node['namespace'] for node in (left, right)] == ['/left', '/right']
    assert dict(left['remappings']) == {'image': 'image_raw', 'camera_info': 'camera_info'}
    assert dict(right['remappings']) == {
        'image': '/eye', 'camera_info': 'camera_info', 'depth': '/stereo/image_raw',
        'depth/camera_info': '/stereo/camera_info'}
    assert left['parameters'][1:] == [{'id_prefix': 'left_', 'max_people': 2}]
    assert right['parameters'][1:] == [{
        'id_prefix': 'right_', 'max_people': 2, 'lazy': True, 'depth.enabled': True}]


def test_parameters_of_several_cameras_reach_the_nodes(real: Launch, rig: Path) -> None:
    left, right = real.nodes('multi_camera.launch.py', cameras=str(rig), fusion='false')
    assert parameters_of(real, left)['max_people'] == 2
    assert [parameters_of(real, node)['lazy'] for node in (left, right)] == [False, True]
    assert [node.expanded_node_namespace for node in (left, right)] == ['/left', '/right']


def test_several_cameras_in_one_process(launch: Launch, rig: Path) -> None:
    write_rig(rig, one_process=True)
    node, = launch.nodes('multi_camera.launch.py', cameras=str(rig))
    assert node.settings['executable'] == 'multi_camera_node'
    assert node.settings['arguments'] == [str(rig), '--fusion']
    assert not node.settings.get('remappings')
    node, = launch.nodes('multi_camera.launch.py', cameras=str(rig), fusion='false')
    assert node.settings['arguments'] == [str(rig), '--no-fusion']


def test_the_fusion_of_several_processes_is_one_more(launch: Launch, rig: Path) -> None:
    for given in ({}, {'fusion': 'true'}):
        *_, node = launch.nodes('multi_camera.launch.py', cameras=str(rig), **given)
        assert (node.settings['executable'], node.settings['name']) == ('fusion_node', 'fusion')
        assert node.settings['parameters'] == [{
            'inputs': ['/left/pose_machine/skeletons', '/right/pose_machine/skeletons'],
            'target_frame': 'map', 'extrinsics': str(rig.parent / 'rig.yaml')}]


@pytest.mark.parametrize('one_process', [False, True])
def test_fusion_needs_its_section_in_the_file(
        launch: Launch, tmp_path: Path, one_process: bool) -> None:
    rig = tmp_path / 'cameras.yaml'
    rig.write_text(f'one_process: {str(one_process).lower()}\ncameras: [{{namespace: left}}]')
    executables = launch.settings('multi_camera.launch.py', cameras=str(rig))
    assert 'fusion_node' not in executables
    with pytest.raises(InputError, match='no section "fusion:"'):
        launch.nodes('multi_camera.launch.py', cameras=str(rig), fusion='true')


def test_fusion_of_running_pose_nodes(launch: Launch) -> None:
    node, = launch.nodes('fusion.launch.py', target_frame='map', namespace='robot',
                         inputs='[/a/skeletons, /b/skeletons]', extrinsics='/etc/rig.yaml')
    assert (node.settings['executable'], node.settings['namespace']) == ('fusion_node', 'robot')
    file, overrides = node.settings['parameters']
    assert Path(file).name == 'fusion.yaml'
    assert overrides == {'inputs': ['/a/skeletons', '/b/skeletons'], 'target_frame': 'map',
                         'extrinsics': '/etc/rig.yaml'}
    node, = launch.nodes('fusion.launch.py', inputs='/a/skeletons')
    assert node.settings['parameters'][1] == {'inputs': ['/a/skeletons']}


def test_a_rig_with_a_misspelt_parameter_is_refused(launch: Launch, tmp_path: Path) -> None:
    rig = tmp_path / 'cameras.yaml'
    rig.write_text('cameras: [{namespace: left, parameters: {max_poeple: 2}}]')
    with pytest.raises(InputError, match="did you mean 'max_people'"):
        launch.nodes('multi_camera.launch.py', cameras=str(rig))
