"""How the figures of the survey are made."""

from pppdash.explain import Explanation

EXPLANATIONS = (
    Explanation(
        "survey.response",
        "Who answered",
        "A respondent is somebody who gave at least one answer that counts. The response rate is "
        "the respondents of a wave divided by those who were asked.",
        "It is a count, so it has no interval. Where nobody recorded how many were asked it is "
        "unknown, and nothing is put in its place.",
        "A response rate says how many kept silent, not what they think.",
    ),
    Explanation(
        "survey.weights",
        "Weights",
        "Where the totals of a wave are known by size, sector or area, each respondent gets a "
        "weight, found by raking, so that the respondents add up to these totals. Without "
        "known totals everybody counts the same.",
        "Standard errors allow for the weights. Groups too small to be shown are weighted "
        "together, so that no weight gives one away.",
        "Weights cannot speak for those who were never asked, nor for a group of which nobody "
        "answered.",
        "Deming and Stephan (1940); variance by linearization of the raked weights, as R’s "
        "survey package.",
        ("min_respondents",),
    ),
    Explanation(
        "survey.answers",
        "Average answers and shares",
        "The average answer is the weighted mean on the question’s own scale. The share in the "
        "top two is of those who gave one of the two highest whole answers. On a question of "
        "recommendation from 0 to 10 the net score is the share of 9 and 10 less the share "
        "of 0 to 6, in points.",
        "Intervals are at 95%; those of shares are made on the logit scale, so that they stay "
        "between 0 and 100%. An average that everybody gave alike has none. n counts answers.",
        "A question on two points has no top two.",
        "Lumley (2010), as R’s svymean and svyciprop.",
    ),
    Explanation(
        "survey.trend",
        "Better, worse, or no detectable change",
        "Over all waves so far a straight line is fitted to the scores in time; its slope is "
        "the change a year. A higher score is taken to be a better one.",
        "Better or worse is said only where the slope’s p, adjusted for all questions of the "
        "wave (false-discovery rate), is at most .05. Who answered in several waves is counted "
        "as one person in the error. A wave with fewer than 10 answers carries no test.",
        "No detectable change does not say that nothing changed. What changed at the time of a "
        "flash point coincided with it, no more.",
        "Benjamini and Hochberg (1995).",
    ),
    Explanation(
        "survey.suppression",
        "What is suppressed",
        "Results of fewer than {min_respondents} respondents are not shown, in no chart, table, "
        "text or download. Where the groups of a wave are shown beside one another, as many more "
        "are hidden as it takes, the next smallest first, so that none can be worked out from "
        "the total and the others.",
        "The same groups are hidden for every question of a wave.",
        "Suppressed does not mean none.",
        settings=("min_respondents",),
    ),
    Explanation(
        "survey.comments",
        "Themes of comments",
        "Comments are sorted into a few themes by the words that they share and others lack. A "
        "theme is named by its strongest words, of those that at least {min_respondents} "
        "respondents used; each respondent counts once a wave, under the strongest theme.",
        "Themes are an ordering of words and carry no interval. Themes of few respondents in "
        "a wave are suppressed with their comments.",
        "Who wrote a comment is not everybody who answered.",
        "TF-IDF and non-negative matrix factorization (Lee and Seung 1999), by scikit-learn.",
        ("min_respondents",),
    ),
    Explanation(
        "survey.averages",
        "Published averages",
        "Scores as whoever published them averaged them. The strong line is the median of the "
        "areas of each wave, or the areas chosen.",
        "How many answered is not published, so there is no interval and no verdict.",
        "The median of areas is not the average of people: areas count the same, large or small.",
    ),
)
