"""A cluster's API server, asked by the official client with what the kubeconfig says."""

import json
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from typing import Any

from kubernetes import config
from kubernetes.client import ApiClient, ApiException, Configuration
from kubernetes.config import ConfigException
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_ import create_urllib3_context

from infra.commands import contexts

PATIENCE = 5  # seconds for an answer

Object = dict[str, Any]  # of Kubernetes, as its JSON


class NoAnswer(Exception):
    """The API server could not be asked, or refused."""

    def __init__(self, reason: str, status: int = 0, body: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.body = body


class Cluster:
    """The cluster of a context. Every method raises NoAnswer with what is the matter."""

    def __init__(self, context: str) -> None:
        configuration = Configuration()
        configuration.retries = False  # who asks again, does so by itself
        with _answering():
            config.load_kube_config(
                config_file=contexts.files(),
                context=context,
                client_configuration=configuration,
                persist_config=False,
            )
        self._api = ApiClient(configuration)
        if configuration.verify_ssl:
            self._api.rest_client.pool_manager.connection_pool_kw["ssl_context"] = _as_kubectl()

    def objects(self, path: str) -> list[Object]:
        """Return the objects of a list, like `api/v1/namespaces/board/pods`."""
        return json.loads(self.get(path))["items"]

    def get(self, path: str, **query: str | int) -> str:
        """Return what the API server answers to a GET, with the signs of who asks."""
        return self._call("GET", path, **query)

    def delete(self, path: str) -> bool:
        """Delete an object and what belongs to it; return whether it was there."""
        try:
            self._call("DELETE", path, propagationPolicy="Background")
        except NoAnswer as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return False
            raise
        return True

    def _call(self, method: str, path: str, **query: str | int) -> str:
        request = self._api.param_serialize(
            method, f"/{path}", query_params=list(query.items()), auth_settings=["BearerToken"]
        )
        with _answering():
            answer = self._api.call_api(*request, _request_timeout=PATIENCE)
            said = answer.read().decode(errors="replace")
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise NoAnswer(answer.reason or said, answer.status, said)
        return said

    def log(self, namespace: str, pod: str, *, before: bool, lines: int) -> str:
        """Return the last lines that a pod has said, or said before it was started again."""
        of = f"api/v1/namespaces/{namespace}/pods/{pod}/log"
        return self.get(of, previous=str(before).lower(), tailLines=lines)

    def through(self, namespace: str, pod: str, port: int, path: str) -> str:
        """Return what a pod answers to a request that the API server passes on to it."""
        return self.get(f"api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy/{path}")


@contextmanager
def _answering() -> Generator[None]:
    try:
        yield
    except (ApiException, ConfigException, HTTPError, OSError) as failure:
        raise NoAnswer(str(failure)) from None


@cache
def _as_kubectl() -> ssl.SSLContext:
    """Return a check of certificates as strict as kubectl's.

    Python's wants fields in an authority's certificate that those of many clusters lack.
    """
    context = create_urllib3_context()
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
