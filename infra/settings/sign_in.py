"""How people sign in: with passwords, through providers, and at which address."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from infra.settings import kinds
from infra.settings.declared import declare
from service.base import providers
from service.base.setting import Reader

HTTPS = 443


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """What the board is told of that, in the words of its own environment."""

    public_url: str = declare(
        "publicUrl",
        kinds.public_url,
        "",
        "Where browsers find the board, as PUBLIC_URL in the README, if that is another address "
        "than host, path and the ways in give",
    )
    password_sign_in: bool = declare(
        "passwordSignIn", kinds.flag, True, "false leaves providers as the only way in"
    )
    providers: Mapping[str, str] = declare(
        "providers",
        kinds.of_providers,
        "",
        "Providers to sign in through: the OIDC_ settings of the README, a line each, but for "
        "their secrets; with host or publicUrl",
    )
    provider_secrets: Mapping[str, str] = declare(
        "providerSecrets",
        kinds.secrets_of_providers,
        "",
        "Their OIDC_<NAME>_CLIENT_SECRET, a line each; set with --secret",
        secret=True,
    )
    provider_networks: tuple[str, ...] = declare(
        "providerNetworks",
        kinds.networks,
        "",
        "Networks that the providers are in, for the network policies; any if empty",
    )
    authorities: str = declare(
        "authorities",
        kinds.certificates,
        "",
        "Certificates in PEM of your own authorities, which the board trusts beside the usual "
        "ones: those of providers, of the mail server, and of Redis",
    )

    @property
    def provider_ports(self) -> list[int]:
        """Where the providers listen."""
        issuers = (value for name, value in self.providers.items() if name.endswith("_ISSUER"))
        return sorted({urlsplit(issuer).port or HTTPS for issuer in issuers})

    @property
    def provider_faults(self) -> list[str]:
        """What the board itself would find wrong with them."""
        reader = Reader({**self.providers, **self.provider_secrets})
        providers.read(reader)
        return reader.faults
