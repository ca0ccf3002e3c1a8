"""Secrets that are made once and kept, encrypted, in the stack's state."""

import pulumi
from pulumi_kubernetes.core.v1 import Secret
from pulumi_random import RandomPassword

from infra.settings import Settings

FILE = "secret-key"
SMTP_FILE = "smtp-url"
KEY_LENGTH = 64
PASSWORD_LENGTH = 40


def make(name: str, length: int, parent: pulumi.Resource, *, protect: bool) -> pulumi.Output[str]:
    """Return letters and digits, the same ones at every later `up`."""
    made = RandomPassword(
        name,
        length=length,
        special=False,  # so that it needs no quoting in a URL
        opts=pulumi.ResourceOptions(parent=parent, protect=protect),
    )
    return made.result


class Key(pulumi.ComponentResource):
    """The key that signs the sessions: the configured one, or else the one that was made."""

    def __init__(
        self, settings: Settings, namespace: pulumi.Output[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("board:infra:Key", "key", None, opts)
        # Made in any case: whoever configures another must not lose this one.
        made = make("secret-key", KEY_LENGTH, self, protect=settings.protect)
        given = pulumi.Output.secret(settings.secret_key) if settings.secret_key else made
        secret = Secret(
            "secret-key",
            metadata={"namespace": namespace},
            string_data={FILE: given, **_mail(settings), **_providers(settings)},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.secret: pulumi.Output[str] = secret.metadata.name
        self.register_outputs({"secret": self.secret})


def _mail(settings: Settings) -> dict[str, pulumi.Output[str]]:
    return {SMTP_FILE: pulumi.Output.secret(settings.smtp_url)} if settings.smtp_url else {}


def _providers(settings: Settings) -> dict[str, pulumi.Output[str]]:
    secrets = settings.provider_secrets
    return {name: pulumi.Output.secret(value) for name, value in secrets.items()}
