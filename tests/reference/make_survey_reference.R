# Reference values of survey results, made once with R's survey package:
#
#   Rscript tests/reference/make_survey_reference.R data/chicago KANSAS_CITY_FOLDER
#
# writes survey_reference.csv beside this script. KANSAS_CITY_FOLDER holds the two public files that
# tests/cities/kansas_city names; what is written of them are means of at least 10 answers.
#
# Settings: svydesign(ids = ~1, weights = ~1) a wave; rake with epsilon = 1e-12, maxit = 1000; means
# by svymean and confint with df = degf(design); top two by svyciprop(method = "logit"). The design is
# the wave's respondents, those who answered a question (of a group) a domain of it, so degf is one
# less than the answers. Groups of a margin that the program may not show are one group in it.

suppressMessages(library(survey))

arguments <- commandArgs(trailingOnly = TRUE)
script <- sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))
sample_folder <- arguments[1]
kansas_folder <- arguments[2]

read <- function(...) read.csv(file.path(...), colClasses = "character", na.strings = c("", "NA"))

# One row a respondent of a wave, one column a question.
wide <- function(answers) {
  scores <- tapply(answers$score, list(answers$respondent_id, answers$question_id), identity)
  data.frame(respondent_id = rownames(scores), scores, check.names = FALSE)
}

estimate <- function(design, question, scale_max, is_net) {
  answered <- subset(design, !is.na(design$variables[[question]]))
  score <- answered$variables[[question]]
  answered <- update(answered, score = score, is_top = score > scale_max - 2,
                     net = (score >= 9) - (score <= 6))
  weight <- weights(answered)
  weight <- weight[weight > 0]
  mean <- svymean(~score, answered, na.rm = TRUE)  # a raked design keeps whom subset leaves out
  reach <- confint(mean, df = degf(answered))
  share <- base::mean(score[weights(answered) > 0] > scale_max - 2)
  top <- if (share > 0 && share < 1) {
    top <- svyciprop(~is_top, answered, method = "logit")
    c(coef(top), attr(top, "ci"))
  } else c(share, NA, NA)
  net <- if (is_net) svymean(~net, answered, na.rm = TRUE) else NA
  data.frame(
    n = length(weight), n_effective = sum(weight)^2 / sum(weight^2),
    mean = coef(mean), error = SE(mean)[1], mean_low = reach[1], mean_high = reach[2],
    top_two = top[1], top_two_low = top[2], top_two_high = top[3],
    net_score = if (is_net) coef(net) else NA, net_error = if (is_net) SE(net)[1] else NA
  )
}

estimate_all <- function(set, design, questions, wave, by = NULL, least = 10) {
  groups <- if (is.null(by)) "" else sort(unique(design$variables[[by]]))
  rows <- list()
  for (group in groups) for (i in seq_len(nrow(questions))) {
    part <- if (is.null(by)) design else subset(design, design$variables[[by]] == group)
    question <- questions$question_id[i]
    n <- sum(!is.na(part$variables[[question]]) & weights(part) > 0)
    if (n < least) next
    found <- estimate(part, question, questions$scale_max[i], questions$is_net[i])
    rows[[length(rows) + 1]] <- cbind(
      data.frame(set = set, question_id = question, wave = wave, group = group), found
    )
  }
  do.call(rbind, rows)
}

raked <- function(design, margins) {
  tables <- lapply(names(margins), function(name) {
    table <- data.frame(names(margins[[name]]), Freq = as.numeric(margins[[name]]))
    names(table)[1] <- name
    table
  })
  rake(design, lapply(names(margins), function(name) reformulate(name)), tables,
       control = list(epsilon = 1e-12, maxit = 1000))
}

# -- the sample: margins of size band from its own file ---------------------------------------------

targets <- read(sample_folder, "targets.csv")
buildings <- read(sample_folder, "buildings.csv")
building <- buildings[match(targets$building_id, buildings$building_id), ]
own <- function(name, unknown) {
  fallback <- if (is.null(building[[name]])) NA else building[[name]]
  value <- ifelse(is.na(targets[[name]]), fallback, targets[[name]])
  ifelse(is.na(value), unknown, value)
}
employees <- as.numeric(own("employees", NA))
targets$size_band <- ifelse(is.na(employees), "Unknown", ifelse(
  employees < 50, "small", ifelse(employees < 250, "mid-sized", "large")))
targets$sector <- own("sector", "Unclassified")

answers <- read(sample_folder, "survey_responses.csv")
answers$score <- as.numeric(answers$score)
margins <- read(sample_folder, "survey_margins.csv")
questions <- read(sample_folder, "survey_questions.csv")
questions$scale_max <- as.numeric(questions$scale_max)
questions$is_net <- questions$kind == "recommend"

together <- c("Unknown", "large")          # in these waves fewer than 10 of them answered something
waves_together <- c("2014-10-15", "2015-10-15")
made <- c(others = 600, "Commercial Facilities" = 300, "Financial Services" = 200)  # for arithmetic

found <- list()
for (wave in sort(unique(answers$wave))) {
  rows <- answers[answers$wave == wave & !is.na(answers$score), ]
  people <- wide(rows)
  target <- targets[match(rows$target_id[match(people$respondent_id, rows$respondent_id)],
                          targets$target_id), ]
  people$size_band <- target$size_band
  people$sector <- target$sector
  people$kind <- ifelse(people$sector %in% names(made), people$sector, "others")
  known <- margins[margins$wave == wave & margins$variable == "size_band", ]
  totals <- setNames(as.numeric(known$population), known$value)
  people$band <- people$size_band
  if (wave %in% waves_together) {
    people$band[people$band %in% together] <- "few"
    totals <- c(totals[!names(totals) %in% together], few = sum(totals[together]))
  }
  design <- svydesign(ids = ~1, weights = ~1, data = people)
  plain <- estimate_all("sample, unweighted", design, questions, wave)
  weighted <- raked(design, list(band = totals))
  both <- raked(design, list(band = totals, kind = made * sum(totals) / sum(made)))
  found <- c(found, list(
    plain,
    estimate_all("sample, raked", weighted, questions, wave),
    estimate_all("sample, raked, by sector", weighted, questions, wave, "sector", 15),
    estimate_all("sample, raked twice", both, questions, wave)
  ))
}

# -- Kansas City: unweighted as its page shows it; raked to districts taken for equally large -------

files <- c("2021-09-01" = "FY2022_RS_Cleaned_safe.csv", "2022-03-01" = "kcmo_mar_2022_safe.csv")
asked <- c(
  sprintf("q1_%02d", 1:3), sprintf("q2_%02d", 1:8), sprintf("q3_%02d", 1:16),
  sprintf("q5_%02d", 1:7), sprintf("q7_%02d", 1:4)
)
rated <- data.frame(question_id = asked, scale_max = 5, is_net = FALSE)
for (wave in names(files)) {
  people <- read(kansas_folder, files[[wave]])
  people[asked] <- lapply(people[asked], function(score) {
    ifelse(score %in% c("9", "99"), NA, as.numeric(score))
  })
  people$area <- paste("District", people$counci)
  design <- svydesign(ids = ~1, weights = ~1, data = people)
  equal <- setNames(rep(1000, 6), paste("District", 1:6))
  weighted <- raked(design, list(area = equal))
  police <- rated[substr(rated$question_id, 1, 3) == "q5_", ]
  found <- c(found, list(
    estimate_all("Kansas City, unweighted", design, rated, wave),
    estimate_all("Kansas City, unweighted, by district", design, police, wave, "area"),
    estimate_all("Kansas City, raked", weighted, rated, wave)
  ))
}

values <- do.call(rbind, found)
numbers <- sapply(values, is.numeric)
values[numbers] <- lapply(values[numbers], function(value) {
  ifelse(is.na(value), "", trimws(formatC(value, digits = 12, format = "g")))
})
write.csv(values, file.path(dirname(script), "survey_reference.csv"), row.names = FALSE)
