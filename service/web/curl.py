"""How an operation of the API is asked for by curl, in one line."""

import re
from typing import Any

from service.web.asked_for import TOKEN

Operation = dict[str, Any]


def line(method: str, path: str, operation: Operation) -> str:
    """Return the line; $BOARD, $TOKEN and the file `jar` are what the page tells to set."""
    words = ["curl", *_proof(operation), *_body(method, operation), f'"$BOARD{_address(path)}"']
    return " ".join(words)


def _proof(operation: Operation) -> list[str]:
    asked = operation.get("security", [])
    if any(TOKEN in each for each in asked):
        return ['-H "Authorization: Bearer $TOKEN"']
    return [*(["-b jar"] if asked else []), "-H 'Accept: application/json'"]


def _body(method: str, operation: Operation) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    names = schema.get("required") or list(schema.get("properties", ()))[:1]
    fields = [f"--data-urlencode '{name}=…'" for name in names]
    return fields or (["-X POST"] if method == "post" else [])


def _address(path: str) -> str:
    """Return a path whose parameters are variables of the shell: /msgs/$MESSAGE_ID/edit."""
    return re.sub(r"{(\w+)}", lambda found: f"${found[1].upper()}", path)
