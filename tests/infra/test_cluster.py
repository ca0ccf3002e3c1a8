"""The API server asked by the official client."""

from pathlib import Path

import pytest

from infra.commands.cluster import Cluster, NoAnswer
from tests.infra.api_server import ApiServer


def test_a_cluster_gives_objects_and_logs_and_what_pods_answer(api: ApiServer):
    api.hold("board", pods=[{"metadata": {"name": "web-1"}}])
    api.answers["/api/v1/namespaces/board/pods/web-1/log"] = "one\ntwo\n"
    api.answers["/api/v1/namespaces/board/pods/web-1:8000/proxy/readyz"] = '{"status":"ready"}'
    cluster = Cluster("first")
    assert cluster.objects("api/v1/namespaces/board/pods") == [{"metadata": {"name": "web-1"}}]
    assert cluster.log("board", "web-1", before=False, lines=2) == "one\ntwo\n"
    assert cluster.through("board", "web-1", 8000, "readyz") == '{"status":"ready"}'


def test_what_a_cluster_refuses_is_told_with_its_status(api: ApiServer):
    api.answers["/api/v1/nodes"] = 403
    with pytest.raises(NoAnswer) as refused:
        Cluster("first").objects("api/v1/nodes")
    assert refused.value.status == 403


def test_a_server_that_is_away_and_a_context_that_is_unknown_give_no_answer(tmp_path: Path):
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
        ApiServer("http://127.0.0.1:9").know(tmp_path / "kubeconfig", "first")
        with pytest.raises(NoAnswer):
            Cluster("first").objects("api/v1/nodes")
        with pytest.raises(NoAnswer, match="second"):
            Cluster("second")
