"""From votes to a result, and the words of its arithmetic."""

import random
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.models import Resolution
from governance.tally import Sheet, tally


def rule(**given) -> Resolution:
    usual = {"counting": "heads", "base": "cast", "threshold": "simple", "quorum": "none", "ballot": "hands"}
    return Resolution(hub_id=1, **usual | given)


def sheet(in_favour, against, abstained=0, *, college="Structures", percent=None, voters=20, present=None):
    here = in_favour + against + abstained
    return Sheet(
        college=college,
        percent=percent and Decimal(percent),
        voters=voters,
        present=here if present is None else present,
        represented=0,
        voices=voters,
        voices_here=here,
        in_favour=in_favour,
        against=against,
        abstained=abstained,
    )


@pytest.mark.parametrize(
    ("asked", "sheets", "outcome"),
    [
        ({}, [sheet(8, 7)], "adopted"),
        ({}, [sheet(7, 7)], "tied"),
        ({}, [sheet(7, 8)], "rejected"),
        ({}, [sheet(0, 0, 9)], "no_voice"),
        ({"base": "all"}, [sheet(8, 0)], "rejected"),
        ({"base": "all"}, [sheet(11, 0)], "adopted"),
        ({"base": "all"}, [sheet(4, 4)], "tied"),
        ({"threshold": "two_thirds"}, [sheet(8, 4)], "adopted"),
        ({"threshold": "two_thirds"}, [sheet(7, 4)], "rejected"),
        ({"threshold": "three_quarters"}, [sheet(9, 3)], "adopted"),
        ({"quorum": "whole"}, [sheet(8, 1)], "no_quorum"),
        ({"quorum": "whole"}, [sheet(8, 1, present=10)], "adopted"),
        ({"quorum": "colleges"}, [sheet(18, 1), sheet(1, 0)], "no_quorum"),
        ({"quorum": "whole"}, [sheet(19, 1), sheet(1, 0)], "adopted"),
    ],
)
def test_a_result_follows_the_majority_its_base_and_the_quorum(asked, sheets, outcome):
    assert tally(sheets, rule(**asked), 50).outcome == outcome


def test_colleges_weigh_what_the_statutes_say_and_the_words_show_it():
    many = sheet(8, 2, 1, college="Structures", percent="50")
    few = sheet(0, 3, 2, college="Partenaires", percent="30")
    silent = sheet(0, 0, 4, college="Personnes qualifiées", percent="20")

    result = tally([many, few, silent], rule(counting="colleges"), 0)

    assert result.weights == (Fraction(5, 8), Fraction(3, 8), 0)
    assert (result.outcome, result.share) == ("tied", Fraction(1, 2))
    assert result.words == (
        "Structures\u00a0: 8 pour, 2 contre, 1 abstention\u00a0→ 80\u00a0% × 62,5\u00a0% = 50\u00a0%",
        "Partenaires\u00a0: 0 pour, 3 contre, 2 abstentions\u00a0→ 0\u00a0% × 37,5\u00a0% = 0\u00a0%",
        "Personnes qualifiées\u00a0: 0 pour, 0 contre, 4 abstentions\u00a0→ aucune voix exprimée\u00a0: ne pèse pas",
        "Au total\u00a0: 50\u00a0% pour\u00a0; il en faut plus de 50\u00a0% des voix exprimées. "
        "Résolution\u00a0: égalité, non adoptée.",
    )


def test_a_college_that_misses_the_quorum_is_named():
    words = tally([sheet(18, 1), sheet(1, 0, college="Partenaires")], rule(quorum="colleges"), 50).words

    assert words[2:4] == (
        "Quorum de 50\u00a0%\u00a0: 20 présents ou représentés sur 40.",
        "Quorum manqué dans le collège «\u00a0Partenaires\u00a0»\u00a0: 1 sur 20.",
    )


def test_a_secret_vote_counted_together_is_told_together():
    words = tally([sheet(4, 1), sheet(0, 2, 2, college="Partenaires")], rule(ballot="secret"), 0).words

    assert words[0] == "Toutes les voix\u00a0: 4 pour, 3 contre, 2 abstentions"
    assert "Partenaires" not in "".join(words)


COUNT = st.integers(min_value=0, max_value=9)
COLLEGES = st.lists(st.tuples(COUNT, COUNT, COUNT, st.integers(min_value=10, max_value=50)), min_size=1, max_size=5)
SEED = st.integers(min_value=0, max_value=2**32)


@given(colleges=COLLEGES, seed=SEED, counting=st.sampled_from(["heads", "colleges"]))
def test_weights_make_a_whole_and_the_order_of_votes_changes_nothing(colleges, seed, counting):
    ballots = [
        (rank, choice)
        for rank, (*counts, _percent) in enumerate(colleges)
        for choice, count in enumerate(counts)
        for _turn in range(count)
    ]

    def result(votes):
        counted = Counter(votes)
        sheets = [
            sheet(*(counted[rank, choice] for choice in range(3)), percent=percent, voters=30)
            for rank, (*_counts, percent) in enumerate(colleges)
        ]
        return tally(sheets, rule(counting=counting), 0)

    first, second = result(ballots), result(random.Random(seed).sample(ballots, len(ballots)))

    assert first == second
    assert sum(first.weights) in ({0, 1} if first.outcome == "no_voice" else {1})
    assert 0 <= first.share <= 1
