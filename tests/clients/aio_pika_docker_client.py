"""Stands in for tests/docker_client.py of aio-pika: the "container" is the server that runs on SUITE_PORT."""

import os
from dataclasses import dataclass, field


class DockerNotAvailableError(Exception):
    pass


@dataclass
class DockerHostInfo:
    container_host: str = "127.0.0.1"


@dataclass
class ContainerInfo:
    id: str = "ours"
    host: str = "127.0.0.1"
    ports: dict = field(default_factory=lambda: {"5672/tcp": int(os.environ["SUITE_PORT"]), "5671/tcp": 1})


def check_docker_available():
    return DockerHostInfo()


class DockerClient:
    def __init__(self, docker_host_info=None):
        pass

    def run(self, image, ports, environment=None):
        return ContainerInfo()

    def kill(self, container_id):
        pass

    def remove(self, container_id):
        pass
