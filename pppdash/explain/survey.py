"""How the figures of survey feedback are made."""

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
        "survey.results",
        "Survey results, weighted",
        "The mean of the answers on the question's scale, and the share that gave one of the two "
        "highest answers. Where the city knows how many there are of each group, the answers of a "
        "wave are weighted so that the groups count as they should; where it does not, every "
        "answer counts the same, and the page says so.",
        "95% intervals that know of the weights, by linearization; on the logit scale for shares. "
        "Where all answered alike, a mean has no interval. The effective number of answers says "
        "how many equal ones the weighted ones are worth.",
        "Weights cannot speak for those who were never asked, nor for those who chose not to "
        "answer as others of their group did.",
        "Raking by Deming and Stephan (1940); errors as in R's survey package (Lumley 2004); "
        "effective number by Kish (1965).",
    ),
    Explanation(
        "survey.net_score",
        "Net score",
        "Of a question of recommendation from 0 to 10: the share that gave 9 or 10, less the share "
        "that gave 0 to 6.",
        "A 95% interval from the spread of promoters, detractors and the rest.",
        "A net score throws away how far from 9 or 6 an answer is, so that it moves more by chance "
        "than the mean does.",
        "Reichheld (2003).",
    ),
    Explanation(
        "survey.trend",
        "What moved",
        "The change of the mean since the last wave that is shown, and its slope per year over all "
        "waves. Who answered in several waves counts as one person who changed or stayed.",
        "An arrow stands only where q is 5% or less: the p of the slope, adjusted for how many "
        "questions and groups were looked at, so that of all arrows about one in twenty is "
        "chance at most. Fewer than 10 answers in a wave are too few to compare.",
        "A change says nothing of why. That other partners answered than last time can be its "
        "whole cause, where the weights do not know what tells them apart.",
        "Linear model, errors clustered on the respondent and corrected for few (HC2, MacKinnon "
        "and White 1985); q by Benjamini and Hochberg (1995).",
    ),
    Explanation(
        "survey.suppression",
        "What is hidden",
        "Results of fewer than {min_respondents} answers are hidden, and with them as many of the "
        "next smallest groups as it takes, so that the total less what is shown does not give them "
        "away. The same groups are hidden for all questions of a wave, in chart, table, tooltip "
        "and download alike.",
        "A hidden count keeps a range of at least {min_respondents}, whatever else is published.",
        "A hidden group may hold more than {min_respondents} answers: it is there to hide another.",
        settings=("min_respondents",),
    ),
    Explanation(
        "survey.themes",
        "Themes of comments",
        "Comments that use the same words are put together, and each theme is called by its three "
        "strongest words. Each respondent of a wave counts once, for the theme that most of "
        "what it says is about.",
        "Counts have no interval: who comments is not drawn by chance. Words that fewer than "
        "{min_respondents} respondents used name no theme, and themes of fewer are hidden.",
        "What is said with other words is counted elsewhere; praise and blame of one thing are "
        "one theme. E-mail addresses and telephone numbers were taken out when the comments came "
        "in; names were not.",
        "TF-IDF and non-negative matrix factorization (Lee and Seung 1999), by scikit-learn.",
        ("min_respondents",),
    ),
    Explanation(
        "survey.published",
        "Averages published by others",
        "Scores that somebody else has averaged, as they were published.",
        "No interval: how many answered is not known.",
        "They are not comparable with the answers above, and not weighted.",
    ),
)
