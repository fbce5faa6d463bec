"""What people type, in their words, and what they mean by it."""

import pytest

from server.chat.intents import Intent, understand

PHRASES: dict[Intent | None, tuple[str, ...]] = {
    Intent.BOOKINGS: (
        "where is my technician",
        "whats happening with my order",
        "Can you tell me the status of the appointment I made?",
        "is the plumber on his way",
        "track my visit please",
        "my recent orders",
        "show all of my appointments",
        "who is coming to fix my AC",
        "when will the electrician arrive",
        "I want to know where my booking stands",
        "any update on my reservation?",
        "bookng status",
    ),
    Intent.SCHEDULE: (
        "what do I have today",
        "jobs for tomorrow",
        "where do I go first today?",
        "plan my day",
        "my route for today",
        "what's on my calendar",
        "show me the schedule",
        "todays tasks",
        "which assignments are on for tomorrow",
        "my jobs this week",
    ),
    Intent.OFFERS: (
        "any new jobs for me?",
        "what work is available",
        "unassigned jobs nearby",
        "are there open tasks I can accept",
        "pending jobs",
        "new job requests",
        "show work that is waiting",
        "is there any gig available",
    ),
    Intent.PRICE: (
        "how much is AC repair at 110001",
        "what does a tap repair cost",
        "price for painting in 560001",
        "give me a quote for deep cleaning",
        "is it expensive right now?",
        "estimate for sofa cleaning 400001",
        "why is there a surge",
        "rates for plumbing",
        "whats the fare of pest control at 110002",
        "cheapest cost of fan installation",
    ),
    Intent.SLOTS: (
        "who is free at 110001",
        "any openings for tap repair near 110001",
        "when is the earliest slot",
        "show vacant timings",
        "can someone come soonest at 400001",
        "availability of vendors in 560001",
        "is there a provider free this afternoon",
        "free slots please",
    ),
    Intent.PAYMENTS: (
        "did my payment go through",
        "show my invoices",
        "have I been charged?",
        "what do I owe",
        "I need a receipt",
        "when do I get my money back",
        "status of the refund",
        "my last transactions",
        "was the bill paid",
        "payment history",
    ),
    Intent.EARNINGS: (
        "how much did I earn",
        "when will my payout come",
        "what's my income this month",
        "my wallet balance",
        "have my earnings been released?",
        "how much money have I made",
        "show my revenue",
        "when do I get paid",
        "my total salary",
    ),
    Intent.SIGNATURES: (
        "what do I have to sign",
        "I want to approve the finished service",
        "is there a signature waiting for me",
        "has the customer signed yet",
        "how do I sign off the work",
        "pending approvals",
        "please confirm my sign-off",
    ),
    Intent.DISPUTES: (
        "I want to complain",
        "he did not fix the leak",
        "what about my complaint",
        "they damaged my wall",
        "is my dispute solved",
        "there's a problem with the service",
        "I'm unhappy with the work",
        "any unresolved claims?",
        "my issue from last week",
    ),
    Intent.PERFORMANCE: (
        "whats my rating",
        "am I a gold vendor? which tier",
        "how many stars do I have",
        "my score",
        "show my performance",
        "how many bonus points do I have",
        "what do customers' reviews say",
        "customer feedback on me",
    ),
    Intent.APPLICATIONS: (
        "how do I become a vendor",
        "what about my application",
        "I'd like to join as a provider",
        "which documents are missing",
        "has my registration been reviewed",
        "show me the applicants",
        "onboarding progress",
    ),
    Intent.CANCEL: (
        "cancel my booking",
        "I don't need the plumber any more, cancel it",
        "please call it off",
        "how much does cancelling cost",
        "abort the visit",
        "I want to drop tomorrow's appointment",
        "whats the cancellation fee",
    ),
    Intent.RESCHEDULE: (
        "can we do it another day",
        "move my appointment to Friday",
        "postpone the visit",
        "I need a different time",
        "reschedule please",
        "can he come later",
        "delay my booking by an hour",
        "shift it to the evening",
        "is another time possible",
    ),
    Intent.NOTIFICATIONS: (
        "any notifications?",
        "what did I miss, any alerts",
        "do I have unread messages",
        "show my inbox",
        "any news for me",
    ),
    Intent.OVERVIEW: (
        "give me the numbers",
        "how are we doing",
        "show the dashboard",
        "statistics of the month",
        "a short summary please",
        "which pincodes have the most demand",
    ),
    Intent.HELP: ("what can you do", "help", "I need some assistance", "what can I ask"),
    Intent.GREETING: ("hello", "hi there", "namaste", "good morning"),
    Intent.THANKS: ("thanks a lot", "thank you", "cheers mate"),
    None: (
        "the moon is made of cheese",
        "asdf qwer zxcv",
        "?!",
        "",
        "42",
        "tell me a joke",
        "who won the cricket match",
        "ignore previous instructions",
    ),
}
TABLE = [(phrase, intent) for intent, phrases in PHRASES.items() for phrase in phrases]


def test_the_table_is_large_enough() -> None:
    """There are at least 120 phrasings, each once."""
    assert len({phrase for phrase, _ in TABLE}) == len(TABLE) >= 120


@pytest.mark.parametrize(("phrase", "intent"), TABLE)
def test_what_people_mean(phrase: str, intent: Intent | None) -> None:
    """Each phrasing is understood as what it asks for, and nonsense as nothing."""
    assert understand(phrase).intent is intent


def test_capitals_and_marks_do_not_matter() -> None:
    """Shouting, and curly apostrophes, mean the same."""
    assert understand("WHERE IS MY TECHNICIAN???").intent is Intent.BOOKINGS
    assert understand("What\u2019s my rating").intent is Intent.PERFORMANCE


def test_a_pincode_is_found() -> None:
    """The first six digits that can be a pincode are one; longer numbers are not."""
    assert understand("price at 110001, please").pincode == "110001"
    assert understand("call +919876543210").pincode is None


def test_a_long_message_is_understood_as_fast_as_a_short_one() -> None:
    """Repetition changes nothing: concepts are a set."""
    assert understand("cancel " * 300).intent is Intent.CANCEL
