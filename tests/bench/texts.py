"""What a team writes in four years: the same messages each time, in the languages of words.toml."""

import datetime as dt
import itertools
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

WORDS = Path(__file__).parent / "words.toml"
SEED = "a board of a million messages"
START = dt.datetime(2022, 7, 1, tzinfo=dt.UTC)
DAYS = 1461
HALF_YEARS = 8
END = START + dt.timedelta(days=DAYS)
MAX_TEXT = 500  # characters
FIRST_CONTENT_WORD = 50  # those before have other jobs in a sentence
FREQUENT = 12
MIN_STEM = 4  # letters
ZIPF = (1.1, 2.7)  # exponent and offset
LENGTH = (2.1, 0.9)  # of the words' number, log-normal: 12 on average
PROJECT, CAMPAIGN = 0.2, 0.1  # of all messages of its half-year, or of its quarter
EMOJI, IDENTIFIER, MIXED = 0.1, 0.1, 0.02
WEEK = (1, 1, 1, 1, 0.8, 0.06, 0.04)
ENDS = (".", ".", "", "", "", "?", "!", "...", " :)")


@dataclass(frozen=True)
class Written:
    """A message to be; the author is a number from 1."""

    author: int
    moment: dt.datetime
    text: str


class Language:
    """Words as frequent as they are in languages, where the n-th is about as frequent as 1/n."""

    def __init__(self, data: dict[str, Any], rng: random.Random) -> None:
        self.share: float = data["share"]
        self.blank = " " if data.get("spaced", True) else ""
        words = data["words"].split()
        stems = [
            word for word in words[FIRST_CONTENT_WORD:] if len(word) >= MIN_STEM and "_" not in word
        ]
        forms = [stem + ending for stem in stems for ending in data.get("endings", "").split()]
        pairs = rng.sample(list(itertools.product(stems, stems)), data.get("compounds", 0))
        rng.shuffle(forms)
        each = dict.fromkeys([*words, *forms, *map("".join, pairs)])
        self.words = [word.replace("_", " ") for word in each]
        exponent, offset = ZIPF
        weights = ((rank + offset) ** -exponent for rank in range(len(self.words)))
        self.weights = list(itertools.accumulate(weights))

    def say(self, rng: random.Random, number: int) -> list[str]:
        return rng.choices(self.words, cum_weights=self.weights, k=number)


@cache
def topics() -> list[str]:
    """Return words that come and go: first the projects of half-years, then two per quarter."""
    return _data()["topics"].split()


def projects() -> list[str]:
    return topics()[:HALF_YEARS]


@cache
def frequent_words(language: str) -> list[str]:
    """Return the words that language has most of."""
    return _data()[language]["words"].split()[:FREQUENT]


@cache
def author_names() -> list[str]:
    data = _data()
    pairs = itertools.product(data["surnames"].split(), data["authors"].split())
    return [f"{first}.{surname}" for surname, first in pairs]


def topic_end(topic: str) -> dt.datetime:
    """Return when it was said for the last time."""
    index = topics().index(topic)
    quarters = 2 * (index + 1) if index < HALF_YEARS else (index - HALF_YEARS) // 2 + 1
    return START + dt.timedelta(days=DAYS * quarters / (2 * HALF_YEARS) + 1)


def written(count: int) -> Iterator[Written]:
    """Return `count` messages, oldest first."""
    rng = random.Random(SEED)
    languages = {
        name: Language(part, rng) for name, part in _data().items() if isinstance(part, dict)
    }
    shares = list(itertools.accumulate(each.share for each in languages.values()))
    emoji = languages["emoji"]
    presence = _presence(rng)
    for day, number in _days(count):
        quarter = (day - START).days * 2 * HALF_YEARS // DAYS
        authors, weights = presence[quarter // 2]
        for moment in sorted(day + _time_of_day(rng) for _ in range(number)):
            (language,) = rng.choices(list(languages.values()), cum_weights=shares)
            text = _text(rng, language, emoji, quarter)
            if rng.random() < MIXED:
                text += "\n" + _text(rng, languages["english"], emoji, quarter)
            (author,) = rng.choices(authors, cum_weights=weights)
            yield Written(author, moment, text[:MAX_TEXT].rstrip())


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(WORDS.read_text())


def _text(rng: random.Random, language: Language, emoji: Language, quarter: int) -> str:
    number = min(max(round(rng.lognormvariate(*LENGTH)), 1), 120)
    if language is emoji:
        return " ".join(emoji.say(rng, min(number, 3)))
    said = language.say(rng, number)
    for topic in _current_topics(rng, quarter):
        said.insert(rng.randrange(len(said) + 1), topic)
    if rng.random() < IDENTIFIER:
        said.append(f" {_identifier(rng)} ")
    if rng.random() < EMOJI:
        said.append(f" {emoji.say(rng, 1)[0]}")
    else:
        said[-1] += rng.choice(ENDS)
    text = " ".join(language.blank.join(said).split())
    return text[0].upper() + text[1:]


def _current_topics(rng: random.Random, quarter: int) -> Iterator[str]:
    if rng.random() < PROJECT:
        yield topics()[quarter // 2]
    for campaign in (0, 1):
        if rng.random() < CAMPAIGN:
            yield topics()[HALF_YEARS + 2 * quarter + campaign]


def _identifier(rng: random.Random) -> str:
    number = rng.randrange(1, 9000)
    return rng.choice(
        (
            f"#{number}",
            f"BOARD-{number}",
            f"https://git.example.org/team/board/pull/{number}",
            f"{rng.getrandbits(40):010x}",
            f"v{number % 7}.{number % 31}.{number % 11}",
            f"{number % 24}:{number % 60:02}",
            f"{number / 100} €",
        )
    )


def _presence(rng: random.Random) -> list[tuple[list[int], list[float]]]:
    """Return who writes in each half-year, and how much, cumulated: people come and go."""
    presence: list[tuple[list[int], list[float]]] = [([], []) for _ in range(HALF_YEARS)]
    for author in range(1, len(author_names()) + 1):
        first = rng.choice((0, 0, 0, *range(HALF_YEARS)))
        last = rng.choice((HALF_YEARS,) * HALF_YEARS + tuple(range(first, HALF_YEARS)))
        for authors, weights in presence[first : last + 1]:
            authors.append(author)
            weights.append((weights[-1] if weights else 0) + 1 / (author + 3))
    return presence


def _days(count: int) -> Iterator[tuple[dt.datetime, int]]:
    """Return each day and how many messages it has: fewer at weekends, more as the team grows."""
    days = [START + dt.timedelta(days=number) for number in range(DAYS)]
    weights = [WEEK[day.weekday()] * (0.7 + 0.6 * number / DAYS) for number, day in enumerate(days)]
    ends = [round(count * part / sum(weights)) for part in itertools.accumulate(weights)]
    for day, start, end in zip(days, [0, *ends], ends, strict=False):
        yield day, end - start


def _time_of_day(rng: random.Random) -> dt.timedelta:
    hour = rng.gauss(*rng.choice(((9.5, 1.5), (9.5, 1.5), (14, 2), (17, 3))))
    return dt.timedelta(seconds=round(min(max(hour, 0), 23.9) * 3600, 3))
