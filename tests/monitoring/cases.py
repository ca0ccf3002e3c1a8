"""What each alert is told of, and the nearest that nobody needs to hear of.

Series are a value a minute, or in `step` minutes, in promtool's notation: `1+2x3` is 1, 3, 5, 7.
"""

from dataclasses import dataclass, field

REQUESTS = "board_http_request_duration_seconds"
DELIVERY = "board_delivery_seconds"

Series = dict[str, str]  # values by name and labels, but for the job


@dataclass(frozen=True)
class Case:
    """An alert that fires `at` so many minutes, with these labels and this text."""

    alert: str
    wrong: Series
    at: int
    says: str
    harmless: Series
    labels: dict[str, str] = field(default_factory=dict)
    step: int = 1


def requests(status: int, values: str, route: str = "/msgs") -> Series:
    return {f'{REQUESTS}_count{{route="{route}",status="{status}"}}': values}


def within(metric: str, seconds: str, all_of_them: str, quick: str) -> Series:
    """Return a histogram of which so many were no slower than these seconds."""
    labels = '{route="/msgs",status="200"}' if metric == REQUESTS else "{}"
    bucket = labels.replace("}", f'{"," if labels != "{}" else ""}le="{seconds}"}}')
    return {f"{metric}_count{labels}": all_of_them, f"{metric}_bucket{bucket}": quick}


def connections(in_use: str) -> Series:
    return {
        'board_database_connections_in_use{instance="a",lane="reads"}': in_use,
        'board_database_connections_limit{instance="a",lane="reads"}': "5+0x60",
    }


def disk(free: str, size: str) -> Series:
    return {
        'board_disk_free_bytes{instance="a"}': f"{free}+0x60",
        'board_disk_size_bytes{instance="a"}': f"{size}+0x60",
    }


def volume(free: str, namespace: str = "crew") -> Series:
    """Return what the kubelet tells of a volume of 10 GB, beside a board in the namespace crew."""
    labels = f'{{job="kubelet",namespace="{namespace}",persistentvolumeclaim="data"}}'
    return {
        f"kubelet_volume_stats_available_bytes{labels}": f"{free}+0x60",
        f"kubelet_volume_stats_capacity_bytes{labels}": "10000000000+0x60",
    }


def in_crew(up: str) -> Series:
    return {f'up{{namespace="crew",instance="{pod}"}}': up for pod in "ab"}


CASES = (
    Case(
        "BoardDown",
        wrong={'up{instance="a"}': "1+0x5 0+0x20", 'up{instance="b"}': "1+0x5 0+0x20"},
        at=10,
        says="Prometheus has got no metrics of the board for 3 minutes.",
        harmless={'up{instance="a"}': "1+0x5 0+0x1 1+0x60"},
    ),
    Case(
        "BoardDown",  # as on Kubernetes, where pods that have gone are asked no more
        wrong={'up{instance="a"}': "1+0x5 stale"},
        at=10,
        says="Prometheus has got no metrics of the board for 3 minutes.",
        harmless={'up{instance="a"}': "0+0x60", 'up{instance="b"}': "1+0x60"},
    ),
    Case(
        "BoardPartDown",
        wrong={'up{instance="a"}': "0+0x30", 'up{instance="b"}': "1+0x30"},
        at=20,
        says="a has given Prometheus no metrics for 15 minutes.",
        labels={"instance": "a"},
        harmless={'up{instance="a"}': "0+0x10 1+0x50", 'up{instance="b"}': "1+0x10 0+0x10 1+0x40"},
    ),
    Case(
        "BoardNotReady",
        wrong={
            f'{REQUESTS}_count{{instance="a",route="/readyz",status="200"}}': "50+0x20",
            f'{REQUESTS}_count{{instance="a",route="/readyz",status="503"}}': "0+0x5 6+6x20",
        },
        at=15,
        says="a has told whoever asks that it is not ready, for 5 minutes.",
        labels={"instance": "a"},
        harmless={  # it stops, and has said so first
            f'{REQUESTS}_count{{instance="a",route="/readyz",status="200"}}': "0+6x20 stale",
            f'{REQUESTS}_count{{instance="a",route="/readyz",status="503"}}': "0+0x18 6+6x2 stale",
        },
    ),
    Case(
        "BoardErrors",
        wrong=requests(200, "0+27x30") | requests(503, "0+3x30"),
        at=20,
        says="10% of all requests in the last 10 minutes failed.",
        harmless=requests(200, "0+39x60") | requests(503, "0+1x60"),
    ),
    Case(
        "BoardErrors",  # at night, of a few: those who reload a page that is broken are told of
        wrong=requests(500, "0+1x30"),
        at=20,
        says="8.333% of all requests in the last 10 minutes failed.",
        harmless=requests(200, "7+0x60")
        | requests(500, "0+0x10 5+0x50")
        | requests(503, "0+6x60", "/readyz"),
    ),
    Case(
        "BoardSlow",
        wrong=within(REQUESTS, "1.0", "0+30x40", "0+24x40"),
        at=25,
        says="20% of all requests in the last 10 minutes took longer than a second.",
        harmless=within(REQUESTS, "1.0", "0+30x60", "0+28x60"),
    ),
    Case(
        "BoardDeliverySlow",
        wrong=within(DELIVERY, "2.5", "0+10x30", "0+5x30"),
        at=20,
        says="50% of all changes in the last 10 minutes took longer than 2.5 seconds to pages.",
        harmless=within(DELIVERY, "2.5", "0+0x20 1+0x20 2+0x20", "0+0x60"),
    ),
    Case(
        "BoardEventsBehind",
        wrong={'board_events_behind{instance="a"}': "0+0x5 150+0x20"},
        at=15,
        says="a is 150 changes behind.",
        labels={"instance": "a"},
        harmless={'board_events_behind{instance="a"}': "0+0x5 5000+0x3 0+0x50"},
    ),
    Case(
        "BoardConnectionsFull",
        wrong=connections("5+0x3 4 5+0x3 4 5+0x3 4 5+0x3 4 5+0x3"),  # but for moments
        at=20,
        says="a has used 96.67% of its connections for reads over 5 minutes.",
        labels={"instance": "a", "lane": "reads"},
        harmless=connections("4+0x10 5+0x4 4+0x46"),
    ),
    Case(
        "BoardBackupOld",
        step=5,
        wrong={"board_backup_timestamp_seconds{}": "600+0x360"},
        at=27 * 60,
        says="The last backup was made 1d 2h 50m 0s ago.",
        harmless={"board_backup_timestamp_seconds{}": "600+0x312 93600+0x48"},
    ),
    Case(
        "BoardNeverBackedUp",
        step=5,
        wrong={'board_build_info{version="1"}': "1+0x360"},
        at=27 * 60,
        says="No backup of the board has been made yet.",
        harmless={
            'board_build_info{version="1"}': "1+0x360",
            "board_backup_timestamp_seconds{}": "_x300 90000+0x60",
        },
    ),
    Case(
        "BoardDiskLow",
        wrong=disk("1000000000", "500000000000"),
        at=15,
        says="953.7MiB are free on the disk of a.",
        labels={"instance": "a"},
        harmless=disk("3000000000", "500000000000"),
    ),
    Case(
        "BoardDiskLow",
        wrong=disk("90000000", "1000000000"),
        at=15,
        says="85.83MiB are free on the disk of a.",
        labels={"instance": "a"},
        harmless=disk("110000000", "1000000000"),
    ),
    Case(
        "BoardVolumeLow",  # also if the board can't be asked by then
        wrong=volume("500000000") | in_crew("1+0x5 0+0x60"),
        at=15,
        says="5% of the volume data is free.",
        labels={"namespace": "crew", "persistentvolumeclaim": "data"},
        harmless=volume("1100000000") | volume("100000000", "another's") | in_crew("1+0x60"),
    ),
    Case(
        "BoardCertificateEnds",
        wrong={"board_certificate_expiry_timestamp_seconds{}": "864000+0x180"},
        at=120,
        says="The certificate at PUBLIC_URL ends in 9d 22h 0m 0s.",
        harmless={"board_certificate_expiry_timestamp_seconds{}": "1300000+0x180"},
    ),
    Case(
        "BoardRedisAway",
        wrong={'board_redis_up{instance="a"}': "0+0x20"},
        at=10,
        says="a has not reached Redis for 5 minutes.",
        labels={"instance": "a"},
        harmless={'board_redis_up{instance="a"}': "1+0x10 0+0x3 1+0x40"},
    ),
)


def pod(name: str, up: str, ready: str, stopping: str) -> Series:
    """Return what a pod says: that it is asked, is ready, is not; and that nothing else happens."""
    asked = f'{REQUESTS}_count{{instance="{name}",route="/readyz",status='
    return {
        f'up{{instance="{name}"}}': up,
        f'board_build_info{{instance="{name}",version="{name}"}}': up.replace("0+0x1", "_x1"),
        f'{asked}"200"}}': ready,
        f'{asked}"503"}}': stopping,
    }


BACKED_UP = {"board_backup_timestamp_seconds{}": "0+0x300"}

# None of these is to be told of, for as long as the first series goes on.
SCENES: dict[str, Series] = {
    "nobody is there at night": pod("a", "1+0x300", "0+6x300", "0+0x300")
    | BACKED_UP
    | within(REQUESTS, "1.0", "50+0x300", "50+0x300")
    | within(DELIVERY, "2.5", "50+0x300", "50+0x300")
    | requests(500, "2+0x300")
    | {'board_events_behind{instance="a"}': "0+0x300"},
    "a board starts, and is restarted": pod(
        "a", "_x1 0+0x1 1+0x60 0+0x1 1+0x60", "_x2 0+6x60 _x1 0+6x60", "_x2 3+0x60 _x1 3+0x60"
    )
    | {'board_events_behind{instance="a"}': "_x2 400+0x1 0+0x60"},
    "a rollout": pod("d", "_x60 0+0x1 1+0x60", "_x61 0+6x60", "_x61 4+0x60")
    | pod("a", "1+0x60 stale", "0+6x59 stale", "0+0x57 2+6x1 stale")
    | pod("b", "1+0x62 stale", "0+6x61 stale", "0+0x59 2+6x1 stale")
    | pod("c", "_x58 0+0x1 1+0x70", "_x59 0+6x70", "_x59 4+0x70"),
    "one file on one machine": {'up{instance="a"}': "1+0x300"}
    | {'board_build_info{instance="a"}': "1+0x300"}
    | BACKED_UP
    | within(REQUESTS, "1.0", "0+40x300", "0+39x300")
    | within(DELIVERY, "2.5", "0+3x300", "0+3x300")
    | disk("30000000000", "500000000000")
    | connections("2+0x60"),
}
