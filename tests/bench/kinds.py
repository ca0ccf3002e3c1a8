"""The kinds of query that are measured, each with many queries drawn from what was written."""

import datetime as dt
import random
import string
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from service.base import words
from tests.bench import boards, texts

QUERIES = 40  # of each kind
TRIES = 20  # to find one that was not drawn yet
COMMON = 60  # words that people write most
LONG_AGO = dt.timedelta(days=365)  # before the board's last day


@dataclass(frozen=True)
class Written:
    """A message on the board."""

    id: int
    author: str
    text: str


@dataclass(frozen=True)
class Case:
    """A query, of a variant of one kind, and the message before which it is asked."""

    kind: str
    variant: str
    text: str
    before: int | None = None


class Sample:
    """Some messages of a board, and what people might look for who remember them."""

    def __init__(self, messages: list[Written], rng: random.Random) -> None:
        self.messages = messages
        self.rng = rng
        self.split = [self._spaced(each.text) for each in messages]
        counts = Counter(word for each in self.split for word in dict.fromkeys(each))
        self.common_words = [word for word, _ in counts.most_common(COMMON)]
        self.rare_words = [word for word, count in counts.items() if count == 1]
        last_seen = {each.author: each.id for each in messages}
        ranked = [author for author, _ in Counter(each.author for each in messages).most_common()]
        self.active_authors, self.quiet_authors = ranked[:20], ranked[-60:]
        end = messages[-1].id
        self.former_authors = [author for author, seen in last_seen.items() if seen < 0.6 * end]
        ended = [topic for topic in texts.topics() if texts.topic_end(topic) < texts.END - LONG_AGO]
        self.old_projects = [topic for topic in ended if topic in texts.projects()]
        self.old_campaigns = [topic for topic in ended if topic not in texts.projects()]

    def any(self, of: list[str] | tuple[str, ...]) -> str:
        return self.rng.choice(of) if of else "nobody"

    def common(self) -> str:
        return self.any(self.common_words)

    def rare(self) -> str:
        return self.any(self.rare_words)

    def old(self) -> str:
        return self.any(self.old_projects + self.old_campaigns)

    def active(self) -> str:
        return f"from:{self.any(self.active_authors)}"

    def quiet(self) -> str:
        return f"from:{self.any(self.quiet_authors)}"

    def together(self, number: int) -> str:
        """Return words that follow one another in a message."""
        for _ in range(TRIES):
            found = self.rng.choice(self.split)
            if len(found) >= number:
                start = self.rng.randrange(len(found) - number + 1)
                return " ".join(found[start : start + number])
        return self.common()

    def anywhere(self, number: int) -> str:
        """Return words of one message in any order."""
        found = self.together(number).split()
        return " ".join(self.rng.sample(found, len(found)))

    def beginning(self, letters: int) -> str:
        for _ in range(TRIES):
            word = self.together(1)
            if len(word) > letters:
                break
        return word[:letters]

    def unspaced(self, characters: int) -> str:
        """Return a piece of a text in a script without blanks."""
        for _ in range(100 * TRIES):
            text = self.rng.choice(self.messages).text
            pairs = [word for word in words.split(text) if word.kind == "pair"]
            if len(pairs) >= characters:
                start = self.rng.choice(pairs).start
                return text[start : start + characters].split()[0]
        return "的"

    def room(self) -> str:
        return f"in:{boards.room_name(self.rng.randrange(2, boards.ROOM_COUNT + 1))}"

    def day(self, first: float = 0, last: float = 1) -> dt.date:
        """Return a day between two parts of the board's time."""
        part = self.rng.uniform(first, last)
        return (texts.START + dt.timedelta(days=texts.DAYS * part)).date()

    def month(self) -> str:
        start = self.day(0, 0.95)
        return f"after:{start} before:{start + dt.timedelta(days=self.rng.randrange(5, 40))}"

    def unheard(self) -> str:
        return "xq" + "".join(self.rng.choices(string.ascii_lowercase, k=6))

    def foreign(self, *languages: str) -> str:
        return " ".join(self.any(texts.frequent_words(language)) for language in languages)

    @staticmethod
    def _spaced(text: str) -> list[str]:
        return [word.text for word in words.split(text) if word.kind == "word"]


Draw = Callable[[Sample], str]

KINDS: dict[str, dict[str, Draw]] = {
    "a common word": {"": Sample.common},
    "a rare word": {"": Sample.rare},
    "a word common long ago": {
        "a project of half a year": lambda s: s.any(s.old_projects),
        "a campaign of a quarter": lambda s: s.any(s.old_campaigns),
        "and a common word": lambda s: f"{s.common()} {s.old()}",
    },
    "several words": {
        "common and common": lambda s: f"{s.common()} {s.common()}",
        "common and rare": lambda s: f"{s.common()} {s.rare()}",
        "five of a message": lambda s: s.anywhere(5),
    },
    "a phrase": {f"{n} words": lambda s, n=n: f'"{s.together(n)}"' for n in (2, 3, 4)},
    "the beginning of a word": {
        **{f"{n} of its letters": lambda s, n=n: s.beginning(n) for n in (1, 2, 3, 4, 5)},
        "after a common word": lambda s: f"{s.common()} {s.beginning(s.rng.randrange(1, 5))}",
    },
    "a word left out": {
        "common but not common": lambda s: f"{s.common()} -{s.common()}",
        "rare but not common": lambda s: f"-{s.common()} {s.rare()}",
        "all but common": lambda s: f"-{s.common()}",
        "all but five common": lambda s: " ".join(f"-{s.common()}" for _ in range(5)),
    },
    "from somebody": {
        "busy": Sample.active,
        "busy, and a common word": lambda s: f"{s.active()} {s.common()}",
        "quiet, and a common word": lambda s: f"{s.quiet()} {s.common()}",
        "long gone": lambda s: f"from:{s.any(s.former_authors)}",
        "all but somebody": lambda s: f"-{s.active()} {s.common()}",
        "any of three, and a rare word": lambda s: (
            f"{s.active()} {s.active()} {s.quiet()} {s.rare()}"
        ),
    },
    "certain days": {
        "one day": lambda s: f"on:{s.day()}",
        "one day and a common word": lambda s: f"on:{s.day()} {s.common()}",
        "some weeks and a common word": lambda s: f"{s.month()} {s.common()}",
        "some weeks and a rare word": lambda s: f"{s.month()} {s.rare()}",
        "before a day long ago": lambda s: f"before:{s.day(0, 0.5)} {s.common()}",
        "after a day": lambda s: f"after:{s.day()} {s.common()}",
        "the very first day": lambda s: f"before:{s.day(0, 0.005)}",
    },
    "text without blanks": {f"{n} characters": lambda s, n=n: s.unspaced(n) for n in (1, 2, 3, 6)},
    "in some rooms": {
        "one, and a common word": lambda s: f"{s.room()} {s.common()}",
        "one, and a rare word": lambda s: f"{s.room()} {s.rare()}",
        "one, and a word common long ago": lambda s: f"{s.room()} {s.old()}",
        "all but two, and a common word": lambda s: f"-{s.room()} -{s.room()} {s.common()}",
        "one, and nothing else": lambda s: s.room(),
        "a link, and a common word": lambda s: f"has:link {s.common()}",
    },
    "a deep page": {
        "a common word": Sample.common,
        "two common words": lambda s: f"{s.common()} {s.common()}",
        "a beginning": lambda s: s.beginning(3),
        "busy author": Sample.active,
        "all but common": lambda s: f"-{s.common()}",
    },
    "nothing or little found": {
        "a word that nobody wrote": Sample.unheard,
        "common and unheard": lambda s: f"{s.unheard()} {s.common()}",
        "common in two languages": lambda s: s.foreign("russian", "spanish"),
        "common in two languages, often": lambda s: s.foreign("german", "english"),
        "said at different times": lambda s: (
            f"{s.any(s.old_projects)} {s.any(texts.topics()[-4:])}"
        ),
        "said by somebody long gone": lambda s: (
            f"from:{s.any(s.former_authors)} {s.any(texts.topics()[-4:])}"
        ),
        "a phrase nobody wrote": lambda s: f'"{s.common()} {s.common()} {s.common()} {s.common()}"',
        "common long ago, asked of later": lambda s: f"after:{s.day(0.9)} {s.old()}",
    },
}


def cases(sample: Sample) -> list[Case]:
    """Return all queries, each once."""
    return [case for kind in KINDS for case in _of_kind(kind, sample)]


def _of_kind(kind: str, sample: Sample) -> list[Case]:
    made: dict[str, Case] = {}
    variants = list(KINDS[kind].items())
    for number in range(QUERIES * TRIES):
        variant, draw = variants[number % len(variants)]
        text = draw(sample)
        made.setdefault(text, Case(kind, variant, text, _before(kind, sample)))
        if len(made) == QUERIES:
            break
    return list(made.values())


def _before(kind: str, sample: Sample) -> int | None:
    if kind != "a deep page":
        return None
    middle = sample.messages[len(sample.messages) // 3 : len(sample.messages) // 2]
    return sample.rng.choice(middle or sample.messages).id
