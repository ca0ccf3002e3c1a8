"""What each kind of pod asks for and may take at most, how many there can be, and all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_kubernetes.core.v1 import ResourceRequirementsArgsDict


@dataclass(frozen=True)
class Size:
    """CPU in thousandths of a core and memory in MiB: what is asked for, and the limit."""

    cpu: int
    memory: int
    most_cpu: int
    most_memory: int

    def times(self, pods: int) -> Size:
        return Size(
            self.cpu * pods, self.memory * pods, self.most_cpu * pods, self.most_memory * pods
        )

    def __add__(self, other: Size) -> Size:
        return Size(
            self.cpu + other.cpu,
            self.memory + other.memory,
            self.most_cpu + other.most_cpu,
            self.most_memory + other.most_memory,
        )

    @property
    def resources(self) -> ResourceRequirementsArgsDict:
        return {
            "requests": {"cpu": f"{self.cpu}m", "memory": f"{self.memory}Mi"},
            "limits": {"cpu": f"{self.most_cpu}m", "memory": f"{self.most_memory}Mi"},
        }


WEB = Size(cpu=100, memory=128, most_cpu=500, most_memory=512)
# A connection with TLS takes 30 KB, without it 9: 3,400 of them, half with a slow body, 117 MiB.
NGINX = Size(cpu=50, memory=32, most_cpu=500, most_memory=256)
POSTGRES = Size(cpu=250, memory=256, most_cpu=1000, most_memory=1024)
FILEBEAT = Size(cpu=50, memory=128, most_cpu=500, most_memory=256)
# Half of it is Java's heap; the rest is what the node's files are read through.
ELASTICSEARCH = Size(cpu=250, memory=1024, most_cpu=1000, most_memory=1536)
# With two pods of the board, of some 200 series each, it takes 50 MiB.
PROMETHEUS = Size(cpu=50, memory=128, most_cpu=1000, most_memory=1024)
GRAFANA = Size(cpu=50, memory=256, most_cpu=500, most_memory=768)  # its makers want 512 at least
# A counter takes some 150 bytes; beside what it holds are the buffers of its connections.
VALKEY = Size(cpu=50, memory=32, most_cpu=500, most_memory=128)
VALKEY_HOLDS = 64  # MiB
TASK = Size(cpu=50, memory=128, most_cpu=500, most_memory=512)

SURGE = 1  # pods more than usual while a Deployment is rolled out
TASKS = 10  # migration, both of the backup and of a new password, each perhaps beside a failed one

# The most that the settings allow.
MOST_REPLICAS = 100
MOST_NGINX_REPLICAS = 100
MOST_INSTANCES = 9
MOST_NODES = 1000
MOST_CONNECTIONS = 500  # each is a process of PostgreSQL with megabytes of its own


@dataclass(frozen=True)
class Most:
    """How many pods of each size, and how many claims, there may be in a namespace."""

    pods: tuple[tuple[Size, int], ...]
    claims: int

    @property
    def together(self) -> Size:
        """What all pods take at most."""
        return sum((size.times(count) for size, count in self.pods), Size(0, 0, 0, 0))

    @property
    def biggest(self) -> Size:
        """What a container takes at most."""
        return Size(
            0,
            0,
            max(size.most_cpu for size, _ in self.pods),
            max(size.most_memory for size, _ in self.pods),
        )


# In a rollout the old pods may all still be ending when the new ones are all there. It is the same
# for every board: a quota that shrank with a setting would be too small for what still runs when
# the setting is changed.
BOARD = Most(
    pods=(
        (WEB, 2 * MOST_REPLICAS + SURGE),
        (NGINX, 2 * MOST_NGINX_REPLICAS + SURGE),
        (POSTGRES, MOST_INSTANCES + 1),
        (TASK, TASKS),
    ),
    claims=1 + MOST_INSTANCES + 1,  # backups, and the database's with one that is replaced
)
LOGS = Most(pods=((FILEBEAT, MOST_NODES), (ELASTICSEARCH, 2)), claims=1)
MONITORING = Most(pods=((PROMETHEUS, 1 + 1), (GRAFANA, 2 + SURGE)), claims=1)
# When the Valkey goes its pods go, too: the rest have their places as before.
WITH_VALKEY = Most((*BOARD.pods, (VALKEY, 2 + SURGE)), BOARD.claims)
