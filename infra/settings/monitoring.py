"""What is told of whatever watches the board."""

from dataclasses import dataclass

from infra.settings import kinds
from infra.settings.declared import declare
from service.base.values import Choice, Number

KINDS = ("none", "operator", "own")
AFTER = "-monitoring"  # the board's name, the namespace of what watches it has this


@dataclass(frozen=True, kw_only=True)
class Monitoring:
    """Prometheus and Grafana: none, those that are there already, or their own."""

    monitoring: str = declare(
        "monitoring",
        Choice(KINDS),
        "none",
        "What watches the board: operator is a Prometheus operator that is there already, own a "
        "Prometheus and a Grafana made here, in the namespace with -monitoring after its name",
    )
    monitoring_namespace: str = declare(
        "monitoringNamespace",
        kinds.name_there,
        "",
        "Where the operator's Prometheus runs, for the network policies; with operator only",
    )
    monitoring_labels: dict[str, str] = declare(
        "monitoringLabels",
        kinds.labels,
        "release=kube-prometheus-stack",
        "What the operator's Prometheus selects its monitors and rules by; with operator only",
    )
    monitoring_storage: str = declare(
        "monitoringStorage",
        kinds.size,
        "10Gi",
        "Prometheus's volume, of which it fills four fifths at most; it can grow where its class "
        "allows it",
    )
    monitoring_days: int = declare(
        "monitoringDays",
        Number(1, 3650),
        30,
        "Days after which Prometheus forgets; earlier if its volume is full",
    )
    alertmanager_url: str = declare(
        "alertmanagerUrl",
        kinds.http_url,
        "",
        "The Alertmanager that own's Prometheus tells its alerts, with the port that its pods "
        "listen on, such as http://alertmanager.example:9093; nobody is told if empty",
    )
    traces_endpoint: str = declare(
        "tracesEndpoint",
        kinds.http_url,
        "",
        "The collector of OpenTelemetry's that the board sends traces to by OTLP over HTTP, with "
        "the port that its pods listen on, such as http://collector.example:4318; none are sent "
        "if empty",
    )
    prometheus_image: str = declare(
        "prometheusImage",
        kinds.Image("prometheusImage"),
        "prom/prometheus:v3.15.1",
        "The image of Prometheus",
    )
    # Not the slim one: it lacks what asks Prometheus, and would have to download it.
    grafana_image: str = declare(
        "grafanaImage",
        kinds.Image("grafanaImage"),
        "grafana/grafana:13.2.3",
        "The image of Grafana",
    )
