"""Queries of Prometheus, and which board they ask about."""

JOB = "board"
REQUESTS = "board_http_request_duration_seconds"
# What asks whether the board is well counts neither as use of it nor, while it says no, as error.
ASKED = 'route!~"/healthz|/readyz"'
ERRORS = f'{ASKED},status=~"5.."'


def of(where: str, expression: str) -> str:
    """Return an expression that asks about some boards alone.

    Each of its metrics has `{board}` or `{board,…}`, where `where` is put: `job="board"`.
    """
    return expression.replace("{board", "{" + where)


def rate(metric: str, matchers: str, over: str, by: str) -> str:
    """Return how often a second a counter went up, summed by labels."""
    return f"sum by ({by}) (rate({metric}{{board{matchers and ','}{matchers}}}[{over}]))"
