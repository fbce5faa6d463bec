"""What a message asks for.

A message becomes a set of concepts: its words, cut to their stems and freed of typing mistakes, looked up in
a small vocabulary. An intent is a handful of weighted concepts; the one with the highest score is meant,
unless no score is high enough. No model, no state, the same answer every time.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


class Intent(StrEnum):
    BOOKINGS = "bookings"
    SCHEDULE = "schedule"
    OFFERS = "offers"
    PRICE = "price"
    SLOTS = "slots"
    PAYMENTS = "payments"
    EARNINGS = "earnings"
    SIGNATURES = "signatures"
    DISPUTES = "disputes"
    PERFORMANCE = "performance"
    APPLICATIONS = "applications"
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"
    NOTIFICATIONS = "notifications"
    OVERVIEW = "overview"
    HELP = "help"
    GREETING = "greeting"
    THANKS = "thanks"


VOCABULARY: Mapping[str, str] = {
    "booking": "booking appointment order visit reservation technician plumber electrician repairman",
    "job": "job task assignment work gig",
    "status": "status track where update progress eta late coming arrive arriving happening",
    "list": "list show see view history past previous recent upcoming all",
    "today": "today tonight now schedule agenda route day tomorrow week calendar",
    "open": "new open available pending waiting request unassigned accept unclaimed offered",
    "price": "price cost quote charge rate expensive cheap estimate fare tariff surge",
    "howmuch": "much",
    "slot": "slot free time opening earliest availability vacant when soonest timing",
    "vendor": "vendor provider professional someone anyone",
    "pay": "pay paid payment invoice receipt bill charged owe due transaction",
    "refund": "refund reimburse moneyback",
    "earn": "earn earning income payout salary revenue wallet balance released",
    "money": "money rupee cash",
    "sign": "sign signature approve signoff confirm approval",
    "dispute": "dispute complaint complain problem issue claim unhappy damaged unresolved",
    "perform": "performance rating score tier stars feedback review reviews bonus points rank badge",
    "apply": "application apply onboard onboarding documents join become applicant registration",
    "cancel": "cancel call-off abort drop cancellation",
    "move": "reschedule postpone move shift change delay later earlier different",
    "notify": "notification alert message inbox unread",
    "overview": "overview summary dashboard statistics stats report figures demand performing numbers",
    "help": "help assist assistance support options capable able",
    "hello": "hello hi hey namaste greetings morning evening afternoon",
    "thanks": "thanks thank thankyou cheers appreciated",
}
"""Concept -> words that mean it."""

WEIGHTS: Mapping[Intent, Mapping[str, float]] = {
    Intent.BOOKINGS: {"booking": 2.0, "status": 1.6, "list": 0.6, "vendor": 0.4},
    Intent.SCHEDULE: {"job": 1.2, "today": 1.8, "booking": 0.5, "list": 0.3},
    Intent.OFFERS: {"job": 1.6, "open": 1.8, "booking": 0.6, "list": 0.2},
    Intent.PRICE: {"price": 2.4, "howmuch": 1.2},
    Intent.SLOTS: {"slot": 2.2, "vendor": 0.8, "booking": 0.2, "open": 0.4, "today": 0.3},
    Intent.PAYMENTS: {"pay": 2.4, "refund": 2.4, "money": 0.8, "howmuch": 0.4, "list": 0.2},
    Intent.EARNINGS: {"earn": 2.6, "money": 1.2, "howmuch": 0.7, "pay": 0.4},
    Intent.SIGNATURES: {"sign": 2.8},
    Intent.DISPUTES: {"dispute": 2.8},
    Intent.PERFORMANCE: {"perform": 2.6},
    Intent.APPLICATIONS: {"apply": 2.7, "vendor": 0.5, "status": 0.2},
    Intent.CANCEL: {"cancel": 4.0},
    Intent.RESCHEDULE: {"move": 3.0, "slot": 0.2},
    Intent.NOTIFICATIONS: {"notify": 2.6, "list": 0.2},
    Intent.OVERVIEW: {"overview": 2.8},
    Intent.HELP: {"help": 1.5},
    Intent.GREETING: {"hello": 1.1},
    Intent.THANKS: {"thanks": 1.4},
}

ENOUGH = 1.0
"""A lower score is a guess; the assistant says that it does not know."""

TYPO_LETTERS = 5
"""Words of so many letters are looked for when they are misspelt; shorter ones have too many neighbours."""

MOST_TYPOS = 12
"""Unknown words of a message that are compared with the vocabulary; each costs half a millisecond."""

_PHRASES = (
    (r"\bhow are (we|things) doing\b", " overview "),
    (r"\bwhat can (you|i)( do| ask)?\b", " help "),
    (r"\bcall (it |this |that |my booking |the visit )?off\b", " cancel "),
    (r"\bmoney back\b", " refund "),
    (r"\bhow (much|many)\b", " much "),
    (r"\bgot paid\b|\bget paid\b|\bpay me\b|\bmy pay\b", " earn "),
    (r"\bmy day\b", " today job "),
    (r"\bdid(n't| not) (do|fix|finish|show)", " complaint "),
    (r"\bsign(ed)?[ -]?off\b", " sign "),
    (r"\banother (day|time)\b", " reschedule "),
    (r"\bnews\b", " notification "),
    (r"\b(who is|who's|whos) (coming|assigned)\b", " booking track "),
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """The intent of a message, None when it is not clear, and the pincode it names."""

    intent: Intent | None
    pincode: str | None


def understand(message: str) -> Meaning:
    """Give what a message means."""
    text = message.casefold().replace("\u2019", "'")
    for pattern, words in _PHRASES:
        text = re.sub(pattern, words, text)
    found = _concepts(re.findall(r"[a-z]+", text))
    scores = {
        intent: sum(weight for concept, weight in weights.items() if concept in found)
        for intent, weights in WEIGHTS.items()
    }
    best = max(scores, key=lambda intent: scores[intent])
    pincode = re.search(r"\b[1-9]\d{5}\b", message)
    return Meaning(best if scores[best] >= ENOUGH else None, pincode[0] if pincode else None)


def _stem(word: str) -> str:
    """Cut a word's ending, coarsely: enough to bring its forms together."""
    for ending in ("ations", "ation", "ings", "ing", "ies", "ied", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)].removesuffix("e")
    return word


_WORDS = {word: concept for concept, words in VOCABULARY.items() for word in words.split()}
_STEMS = {_stem(word): concept for word, concept in _WORDS.items()}


def _concepts(words: list[str]) -> set[str]:
    """Give what words stand for: as they are, without their plural, by their stem, or as a misspelt stem."""
    found: set[str] = set()
    unknown: list[str] = []
    for word in dict.fromkeys(words):
        stem = _stem(word)
        concept = _WORDS.get(word) or _WORDS.get(word.removesuffix("s")) or _STEMS.get(stem)
        if concept is not None:
            found.add(concept)
        elif len(stem) >= TYPO_LETTERS:
            unknown.append(stem)
    for stem in unknown[:MOST_TYPOS]:
        near = get_close_matches(stem, _STEMS, n=1, cutoff=0.82)
        found |= {_STEMS[near[0]]} if near else set()
    return found
