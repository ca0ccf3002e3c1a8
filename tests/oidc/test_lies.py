"""What comes from a provider, or in its name, and is not believed."""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey

from tests.oidc.fake import CLIENT, ISSUER, Fake
from tests.oidc.there import Go, sent_to
from tests.people import ONE_DATABASE, Person, is_signed_in

pytestmark = ONE_DATABASE


def other_audience(fake: Fake) -> None:
    fake.claims |= {"aud": "other", "azp": CLIENT}


def several_audiences(fake: Fake) -> None:
    fake.claims |= {"aud": [CLIENT, "other"], "azp": "other"}


def empty_sub(fake: Fake) -> None:
    fake.claims["sub"] = fake.info["sub"] = ""


def no_sub(fake: Fake) -> None:
    fake.claims["sub"] = None


def unstorable_sub(fake: Fake) -> None:
    fake.claims["sub"] = fake.info["sub"] = "a\0b"


def other_issuer(fake: Fake) -> None:
    fake.claims["iss"] = "https://other.test"


def expired(fake: Fake) -> None:
    fake.claims |= {"exp": 1, "iat": 1}


def another_nonce(fake: Fake) -> None:
    fake.claims["nonce"] = "another"


def no_nonce(fake: Fake) -> None:
    fake.claims["nonce"] = None


def another_access_token(fake: Fake) -> None:
    fake.claims["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA"


def unsigned(fake: Fake) -> None:
    fake.document["id_token_signing_alg_values_supported"] = ["none", "HS256"]
    fake.tokens["id_token"] = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ."


def signed_with_the_public_key(fake: Fake) -> None:
    """As if the public key were a secret that both know."""
    claims = {"iss": ISSUER, "aud": CLIENT, "sub": "ada", "iat": 1, "exp": 2**40}
    parts = [encoded({"alg": "HS256", "kid": "one"}), encoded(claims)]
    secret = fake.key.as_pem(private=False)
    signature = hmac.digest(secret, ".".join(parts).encode(), "sha256")
    fake.tokens["id_token"] = ".".join([*parts, in_base64(signature)])


def encoded(part: dict[str, Any]) -> str:
    return in_base64(json.dumps(part).encode())


def in_base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def anothers_key(fake: Fake) -> None:
    fake.key = ECKey.generate_key("P-256", {"kid": "one"})


def somebody_elses_info(fake: Fake) -> None:
    fake.info["sub"] = "eve"


def no_info_sub(fake: Fake) -> None:
    del fake.info["sub"]


@pytest.mark.parametrize(
    "lie",
    [
        *(other_audience, several_audiences, empty_sub, no_sub, unstorable_sub, other_issuer),
        *(expired, another_nonce, no_nonce, another_access_token, unsigned, anothers_key),
        *(signed_with_the_public_key, somebody_elses_info, no_info_sub),
    ],
)
def test_a_word_that_can_be_wrong_is_not_taken(
    visitor: Person, fake: Fake, go: Go, lie: Callable[[Fake], None]
) -> None:
    lie(fake)
    answer = go(visitor)
    assert answer.status_code == 400
    assert "That sign-in was not taken" in answer.text
    assert not is_signed_in(visitor)


@pytest.mark.parametrize(
    "said", [{"iss": "https://other.test"}, {"code": ""}, {"error": "access_denied"}]
)
def test_an_answer_of_another_or_of_no_is_not_taken(
    visitor: Person, go: Go, said: dict[str, str]
) -> None:
    assert go(visitor, **said).status_code == 400
    assert not is_signed_in(visitor)


def test_a_provider_that_names_itself_must_do_so(visitor: Person, fake: Fake, go: Go) -> None:
    fake.document["authorization_response_iss_parameter_supported"] = True
    assert go(visitor, iss="").status_code == 400
    assert go(visitor).status_code == 303


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://other.test"},
        {"issuer": f"{ISSUER}/"},
        {"token_endpoint": "http://idp.test/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_document_that_is_not_the_providers_is_not_believed(
    visitor: Person, fake: Fake, document: dict[str, Any]
) -> None:
    fake.document = document
    answer = visitor.get("/oidc/corp")
    assert answer.status_code == 503
    assert "Corp does not answer as it should" in answer.text


def test_a_document_does_not_configure_the_client(visitor: Person, fake: Fake, go: Go) -> None:
    fake.document = {
        "verify": False,
        "proxy": "http://evil.example",
        "scope": "everything",
        "code_challenge_method": None,
        "client_id": "another",
        "redirect_uri": "https://evil.example",
        "prompt": "none",
    }
    query = parse_qs(urlsplit(sent_to(visitor)).query)
    assert query["scope"] == ["openid profile email"]
    assert "prompt" not in query
    assert go(visitor).status_code == 303


def test_keys_of_other_kinds_are_in_nobodys_way(visitor: Person, fake: Fake, go: Go) -> None:
    class Several:
        def as_dict(self, *, private: bool) -> Any:
            assert not private
            return self.listed

        listed: Any = None

    answered: Any = Several()
    answered.listed = {"kty": "oct", "k": "c2VjcmV0", "kid": "one"}
    own = fake.published
    fake.published = answered
    assert go(visitor).status_code == 503
    fake.published = own
    assert go(visitor).status_code == 303
