"""What is told of the Redis or Valkey that the pods of the board may share."""

from dataclasses import dataclass

from infra.settings import kinds
from infra.settings.declared import declare
from service.base.values import Choice

KINDS = ("none", "valkey", "external")


@dataclass(frozen=True, kw_only=True)
class Cache:
    """Where limits are counted for all pods together, and pods wake one another."""

    cache: str = declare(
        "cache",
        Choice(KINDS),
        "none",
        "Where pods count limits together and wake one another: for none each counts its own, and "
        "they wake by the database; in a Valkey of one pod; for external at redisUrl. Nothing is "
        "kept there",
    )
    redis_url: str = declare(
        "redisUrl",
        kinds.redis_url,
        "",
        "The external Redis or Valkey, as REDIS_URL in the README, set with --secret",
        secret=True,
    )
    redis_networks: tuple[str, ...] = declare(
        "redisNetworks",
        kinds.networks,
        "",
        "Networks the external Redis or Valkey is in; pods may reach nothing else on its port. "
        "Any if empty",
    )
    valkey_image: str = declare(
        "valkeyImage",
        kinds.Image("valkeyImage"),
        "valkey/valkey:9.1.4-alpine3.24",
        "The image of the Valkey",
    )
