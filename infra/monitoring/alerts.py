"""What somebody is told of, and when.

None is told of what a start, a rollout or a quiet night does. A share is one of `QUIET` at
least, so that a few requests at night are no share at all; and while nothing happens it is 0,
where a division by nothing would be no number.
"""

from infra.monitoring.alert import Alert
from infra.monitoring.queries import ASKED, ERRORS, REQUESTS, rate

BOARD = "job, namespace"
QUIET = 0.2  # requests a second
FEW = 0.05  # changes a second


def _above(metric: str, seconds: str, matchers: str) -> str:
    """Return how many a second took longer, of a histogram that has a bucket for these seconds."""
    within = ",".join(filter(None, [matchers, f'le="{seconds}"']))
    all_of_them = rate(f"{metric}_count", matchers, "10m", BOARD)
    return f"({all_of_them} - {rate(f'{metric}_bucket', within, '10m', BOARD)})"


def _share(some: str, metric: str, matchers: str, at_least: float) -> str:
    return f"{some} / clamp_min({rate(f'{metric}_count', matchers, '10m', BOARD)}, {at_least})"


# Before the first error there is no series of errors.
_ERRORS = (
    f"({rate(f'{REQUESTS}_count', ERRORS, '10m', BOARD)}"
    f" or 0 * {rate(f'{REQUESTS}_count', ASKED, '10m', BOARD)})"
)

ALERTS = (
    Alert(
        name="BoardDown",
        severity="critical",
        # Nor is it there if nothing is left that could be asked.
        measures=f"(max by ({BOARD}) (up{{board}}) or 0 * absent(up{{board}}))",
        when="== 0",
        after="3m",
        summary="No process of the board answers",
        says="Prometheus has got no metrics of the board for 3 minutes.",
        todo="See whether it runs, and what its log says last: "
        "`systemctl status`, or `kubectl get pods` and `kubectl logs`",
    ),
    Alert(
        name="BoardPartDown",
        severity="warning",
        measures="up{board}",
        when=f"== 0 and on ({BOARD}) max by ({BOARD}) (up{{board}}) == 1",
        after="15m",
        summary="One of the board's pods does not answer, others do",
        says="{{ $labels.instance }} has given Prometheus no metrics for 15 minutes.",
        todo="`kubectl describe pod` says what keeps it, and `kubectl logs` what it said last",
    ),
    Alert(
        name="BoardNotReady",
        severity="critical",
        measures=f"(sum by ({BOARD}, instance)"
        f' (rate({REQUESTS}_count{{board,route="/readyz",status="503"}}[2m]))'
        f" or 0 * sum by ({BOARD}, instance)"
        f' (rate({REQUESTS}_count{{board,route="/readyz"}}[2m])))',
        when="> 0",
        after="5m",
        summary="The board runs, but can't serve",
        says="{{ $labels.instance }} has told whoever asks that it is not ready, for 5 minutes.",
        todo="`/readyz` says why; mostly the database is away or its disk is full: "
        "`board doctor` says which",
    ),
    Alert(
        name="BoardErrors",
        severity="critical",
        measures=_share(_ERRORS, REQUESTS, ASKED, QUIET),
        when="> 0.05",
        after="5m",
        summary="More than one request in 20 fails",
        says="{{ $value | humanizePercentage }} of all requests in the last 10 minutes failed.",
        todo="Each failure is in the log, with its `request_id` and what went wrong; "
        "the dashboard says since when",
    ),
    Alert(
        name="BoardSlow",
        severity="warning",
        measures=_share(_above(REQUESTS, "1.0", ASKED), REQUESTS, ASKED, QUIET),
        when="> 0.1",
        after="10m",
        summary="More than one request in 10 takes longer than a second",
        says="{{ $value | humanizePercentage }} of all requests in the last 10 minutes took"
        " longer than a second.",
        todo="Look on the dashboard at the slowest addresses and at the waiting for connections; "
        "the processor or the database's disk may be busy with something else",
    ),
    Alert(
        name="BoardDeliverySlow",
        severity="warning",
        measures=_share(
            _above("board_delivery_seconds", "2.5", ""), "board_delivery_seconds", "", FEW
        ),
        when="> 0.1",
        after="5m",
        summary="Open pages get more than one change in 10 later than after 2.5 seconds",
        says="{{ $value | humanizePercentage }} of all changes in the last 10 minutes took"
        " longer than 2.5 seconds to pages.",
        todo="Without a wake-up a change takes a second at most, so the process or the database"
        " is overloaded: more `WORKERS` or pods, on PostgreSQL",
    ),
    Alert(
        name="BoardEventsBehind",
        severity="warning",
        measures="board_events_behind{board}",
        when="> 100",
        after="5m",
        summary="Open pages are more than 100 changes behind",
        says="{{ $labels.instance }} is {{ $value }} changes behind.",
        todo="The process or the database is overloaded; if it does not go on by itself, restart"
        " it: pages lose nothing",
    ),
    Alert(
        name="BoardConnectionsFull",
        severity="warning",
        measures="avg_over_time(board_database_connections_in_use{board}[5m])"
        " / board_database_connections_limit{board}",
        when="> 0.9",
        after="5m",
        summary="Nearly all connections to the database are in use",
        says="{{ $labels.instance }} has used {{ $value | humanizePercentage }} of its connections"
        " for {{ $labels.lane }} over 5 minutes.",
        todo="Raise `DATABASE_POOL`, as far as the database allows; it does not help `writes` on"
        " SQLite, which writes one after the other: a faster disk does, or PostgreSQL; "
        "if requests are slow, too, find out what the database waits for first",
    ),
    Alert(
        name="BoardBackupOld",
        severity="critical",
        measures=f"time() - max by ({BOARD}) (board_backup_timestamp_seconds{{board}} > 0)",
        when="> 26 * 3600",
        after="10m",
        summary="The last backup was made more than 26 hours ago",
        says="The last backup was made {{ $value | humanizeDuration }} ago.",
        todo="Make one now with `board backup`, and see what keeps the nightly one from it: "
        "its timer's log, or `kubectl get jobs`",
    ),
    Alert(
        name="BoardNeverBackedUp",
        severity="warning",
        measures=f"(max by ({BOARD}) (board_backup_timestamp_seconds{{board}})"
        f" or 0 * max by ({BOARD}) (board_build_info{{board}}))",
        when="== 0",
        after="26h",
        summary="The board was never backed up",
        says="No backup of the board has been made yet.",
        todo="Have `board backup` run every night, and copy its file elsewhere",
    ),
    Alert(
        name="BoardDiskLow",
        severity="warning",
        measures="board_disk_free_bytes{board}",
        when="< clamp_max(0.1 * board_disk_size_bytes{board}, 2e9)",
        after="10m",
        summary="The disk of the data folder has less than 2 GB free, and less than a tenth",
        says="{{ $value | humanize1024 }}B are free on the disk of {{ $labels.instance }}.",
        todo="Make room on it, or move `DATA_DIR`; a board without room takes no more posts",
    ),
    Alert(
        name="BoardVolumeLow",
        severity="warning",
        # The kubelet tells of the volumes of all namespaces; where nobody asks it, nothing is told.
        measures="kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes"
        f" * on (namespace) group_left (job) clamp_min(max by ({BOARD}) (up{{board}}), 1)",
        when="< 0.1",
        after="10m",
        summary="A volume of the database or of backups has less than a tenth free",
        says="{{ $value | humanizePercentage }} of the volume"
        " {{ $labels.persistentvolumeclaim }} is free.",
        todo="Raise `databaseStorage` or `backupStorage` where the class lets a volume grow, or "
        "keep fewer backups (`backupKeep`); a database without room takes no more posts",
    ),
    Alert(
        name="BoardCertificateEnds",
        severity="warning",
        measures=f"min by ({BOARD}) (board_certificate_expiry_timestamp_seconds{{board}}) - time()",
        when="< 14 * 86400",
        after="1h",
        summary="The certificate ends in less than 14 days",
        says="The certificate at PUBLIC_URL ends in {{ $value | humanizeDuration }}.",
        todo="See why it was not renewed, and put the new one where nginx reads it; "
        "no reload is needed",
    ),
    Alert(
        name="BoardRedisAway",
        severity="warning",
        measures="board_redis_up{board}",
        when="== 0",
        after="5m",
        summary="Redis does not answer the board",
        says="{{ $labels.instance }} has not reached Redis for 5 minutes.",
        todo="The board goes on without: changes reach other processes within a second, and each"
        " process counts limits by itself. See whether Redis runs, and the address in `REDIS_URL`",
    ),
)
