"""`pdm run up` of a board that is watched: what it needs, where it looks, and what it tells."""

from infra.commands import monitors
from tests.infra.scenarios import IMAGE
from tests.infra.workplace import Workplace

OPERATOR = {"monitoring": "operator", "monitoringNamespace": "monitoring"}


def test_up_tells_how_to_look_at_grafana(here: Workplace):
    here.be_real()
    here.remember(stacks={"board": {"monitoring": "own"}})
    here.know_settings("board", monitoring="own")
    done = here.do("up", "--image", IMAGE)
    assert done.exit_code == 0, done.output
    kubectl = "kubectl --context first -n htmx-fastapi-monitoring"
    assert done.output.endswith(
        f"Grafana is at http://localhost:3000 while this runs: {kubectl} port-forward "
        "deploy/grafana 3000\n"
        "Its user is admin, with the password that this prints: "
        f"{kubectl} exec deploy/grafana -- cat /run/secrets/grafana/password\n"
    )


def test_up_refuses_an_operator_that_is_not_there_before_anything_is_made(here: Workplace):
    here.be_real()
    here.remember(stacks={"board": {key: str(value) for key, value in OPERATOR.items()}})
    here.know_settings("board", **OPERATOR)
    done = here.do("up", "--image", IMAGE)
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == (
        "Error: monitoring is operator, and the cluster knows no PodMonitor: install a Prometheus "
        "operator first, or set monitoring to own or none."
    )
    assert not [line for line in here.said_to("pulumi") if " up " in line]
    here.api.answers["/first/apis/monitoring.coreos.com/v1"] = {"kind": "APIResourceList"}
    assert here.do("up", "--image", IMAGE).exit_code == 0


def test_up_looks_at_the_pods_of_what_watches_the_board(here: Workplace):
    here.know_settings("board", monitoring="own", namespace="crew")
    assert monitors.namespaces("board") == ["crew", "crew-monitoring"]
    here.know_settings("board", monitoring="own", logs="elasticsearch", namespace="crew")
    assert monitors.namespaces("board") == ["crew", "crew-monitoring", "crew-logs"]
    here.know_settings("board", namespace="crew")
    assert monitors.namespaces("board") == ["crew"]
