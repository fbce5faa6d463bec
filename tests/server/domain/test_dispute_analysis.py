"""Advice and escalation move in the right direction, and stay within their bounds."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from server.domain.dispute_analysis import (
    NEIGHBOURS,
    Responsiveness,
    distance,
    escalation,
    recommend,
    responsiveness,
)
from server.domain.disputes import DisputeState, Evidence, Severity
from tests.server.domain.quarrel import CUSTOMER, MEDIATOR, OPENED, PROVIDER, a_case, a_dispute, a_message

CALM = Responsiveness(None, 0, timedelta(0))
PICTURES = Evidence(("a",))


@pytest.mark.parametrize(
    "changes",
    [
        {"price_minor": 900_00},
        {"severity": Severity.CRITICAL},
        {"description": "Somebody scratched our wooden floor"},
        {"evidence": PICTURES},
    ],
)
def test_every_feature_counts(changes: dict[str, object]) -> None:
    """A case that differs in price, severity, words or pictures is farther than one that does not."""
    dispute = a_dispute()
    assert distance(dispute, a_dispute()) == 0
    other = replace(dispute, **changes)  # type: ignore[arg-type]
    assert distance(dispute, other) == distance(other, dispute) > 0


def test_without_enough_cases_it_says_so() -> None:
    """No case or two give the rule by severity, little confidence, and how many were known."""
    none = recommend(a_dispute(), [])
    two = recommend(a_dispute(), [a_case(1.0), a_case(1.0)])
    assert (none.cases, two.cases) == (0, 2)
    assert "No similar" in none.reasoning and "2 similar" in two.reasoning
    assert none.confidence == two.confidence == 0.2
    amounts = [recommend(a_dispute(severity=severity), []).amount_minor for severity in Severity]
    assert amounts == sorted(set(amounts))


def test_nearer_cases_weigh_more() -> None:
    """Among cases that disagree the advice leans to those that are alike."""
    like = {"price_minor": 500_00}
    unlike = {
        "price_minor": 8_000_00,
        "severity": Severity.CRITICAL,
        "description": "Something else entirely",
    }
    near_high = recommend(
        a_dispute(), [a_case(0.8, **like) for _ in range(3)] + [a_case(0.1, **unlike) for _ in range(3)]
    )
    near_low = recommend(
        a_dispute(), [a_case(0.1, **like) for _ in range(3)] + [a_case(0.8, **unlike) for _ in range(3)]
    )
    middle = 0.45 * 500_00
    assert near_high.amount_minor > middle > near_low.amount_minor


def test_only_the_nearest_are_asked() -> None:
    """Beyond the nearest ten, cases change nothing."""
    near = [a_case(0.5) for _ in range(NEIGHBOURS)]
    far = [a_case(1.0, price_minor=9_000_00) for _ in range(50)]
    assert recommend(a_dispute(), near + far) == recommend(a_dispute(), near)


def test_confidence_grows_with_number_and_agreement() -> None:
    """More cases that say the same are surer, cases that contradict each other are less so."""
    few, many = ([a_case(0.4) for _ in range(count)] for count in (3, 10))
    torn = [a_case(0.0) for _ in range(5)] + [a_case(1.0) for _ in range(5)]
    sure = recommend(a_dispute(), many).confidence
    assert sure > recommend(a_dispute(), few).confidence > recommend(a_dispute(), torn).confidence


@pytest.mark.parametrize(
    ("share", "action"), [(0.0, "no_refund"), (0.3, "partial_refund"), (1.0, "full_refund")]
)
def test_the_action_follows_the_share(share: float, action: str) -> None:
    """The amount is the share of this dispute's price, and the action says which kind of refund it is."""
    advice = recommend(a_dispute(price_minor=1_000_00), [a_case(share) for _ in range(4)])
    assert (advice.action, advice.amount_minor) == (action, round(share * 1_000_00))


def test_advice_stays_within_bounds() -> None:
    """Whatever the cases, the amount lies within 0..price and the confidence within 0..1."""
    rng = Random(5)
    for _ in range(200):
        cases = [
            a_case(rng.choice((0, 0.2, 0.5, 1.0)), price_minor=rng.choice((1, 199_00, 9_999_00)))
            for _ in range(rng.randint(0, 30))
        ]
        dispute = a_dispute(price_minor=rng.choice((0, 1, 500_00)))
        advice = recommend(dispute, cases)
        assert 0 <= advice.amount_minor <= dispute.price_minor
        assert 0 <= advice.confidence <= 1


def test_replies_are_measured_from_the_first_unanswered_word() -> None:
    """The complaint counts as the customer's first message; what mediators write changes nothing."""
    now = OPENED + timedelta(hours=30)
    silent = responsiveness(a_dispute(), [a_message(CUSTOMER, 4), a_message(MEDIATOR, 5)], now)
    assert silent == Responsiveness(None, 2, timedelta(hours=30))
    talk = [a_message(CUSTOMER, 4), a_message(PROVIDER, 6), a_message(CUSTOMER, 10), a_message(PROVIDER, 14)]
    assert responsiveness(a_dispute(), talk, now) == Responsiveness(timedelta(hours=5), 0, timedelta(0))
    waiting = responsiveness(a_dispute(), [*talk, a_message(CUSTOMER, 20)], now)
    assert (waiting.unanswered, waiting.waiting) == (1, timedelta(hours=10))
    assert responsiveness(a_dispute(opened_by=PROVIDER), [], now) == CALM


def test_the_score_rises_with_each_factor() -> None:
    """Severity, age, silence and repeats each raise it, never beyond ten."""
    now = OPENED + timedelta(hours=1)
    dispute = a_dispute(severity=Severity.LOW)
    calm = escalation(dispute, CALM, 0, now).score
    assert escalation(a_dispute(severity=Severity.HIGH), CALM, 0, now).score > calm
    assert escalation(dispute, CALM, 0, now + timedelta(days=3)).score > calm
    assert escalation(dispute, Responsiveness(None, 1, timedelta(days=1)), 0, now).score > calm
    assert escalation(dispute, CALM, 2, now).score > calm
    worst = escalation(
        a_dispute(severity=Severity.CRITICAL),
        Responsiveness(None, 9, timedelta(days=60)),
        99,
        now + timedelta(days=60),
    )
    assert (worst.score, worst.is_due) == (10.0, True)
    assert 0 <= calm < 1


def test_the_factors_name_what_holds() -> None:
    """A light dispute that is answered promptly is calm; a grave one that is not is named so."""
    prompt = Responsiveness(timedelta(hours=2), 0, timedelta(0))
    calm = escalation(a_dispute(severity=Severity.LOW), prompt, 0, OPENED + timedelta(hours=5))
    assert calm.factors == ("low_severity", "vendor_responsive")
    silent = Responsiveness(None, 3, timedelta(days=5))
    grave = escalation(a_dispute(severity=Severity.HIGH), silent, 2, OPENED + timedelta(days=5))
    assert set(grave.factors) == {
        "high_severity",
        "long_open",
        "vendor_unresponsive",
        "unanswered_messages",
        "repeat_disputes",
    }


def test_what_is_settled_is_not_escalated() -> None:
    """However grave it was, a dispute that has ended has no score."""
    ended = a_dispute(state=DisputeState.RESOLVED, severity=Severity.CRITICAL)
    found = escalation(ended, Responsiveness(None, 5, timedelta(days=9)), 5, OPENED + timedelta(days=9))
    assert (found.score, found.is_due) == (0.0, False)
