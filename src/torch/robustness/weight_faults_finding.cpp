#include <algorithm>
#include <cstdio>
#include <map>

#include "leadline/core/plain.hpp"
#include "leadline/stats/intervals.hpp"
#include "weight_faults_run.hpp"

namespace leadline::detail::weight_faults {

void WeightFaultsRun::add_rates(Finding& finding, const std::string& part, double level) const {
  const double n_samples = static_cast<double>(n_samples_);
  stats::Moments silent, detected;
  std::int64_t critical = 0, n = 0;
  for (std::size_t k = 0; k < outcomes_.size(); ++k) {
    if (!part.empty() && part != format_.part(bit_of(k))) continue;
    const double share = static_cast<double>(outcomes_[k].n_silent) / n_samples;
    ++n;
    critical += share > options_.tolerated;
    silent.add(share);
    detected.add(static_cast<double>(outcomes_[k].n_detected) / n_samples);
  }
  const std::string of = part.empty() ? "" : "{bits=" + part + "}";
  const std::string where = part.empty() ? "a bit" : "a bit of the " + part;
  finding.add("critical_rate" + of,
              n > 0 ? Estimate::rate(critical, n, "wilson", level)
                    : Estimate::absent(Status::empty, "no flip was tried"),
              Better::lower, "share of flips of " + where + " that change answers in silence");
  if (part.empty()) return;
  const auto mean = [&](const stats::Moments& moments) {
    const auto interval = stats::mean_interval_t(moments, level);
    if (!interval) return Estimate::absent(Status::empty, "fewer than two flips", n);
    return Estimate::with(moments.mean, std::max(0.0, interval->lower),
                          std::min(1.0, interval->upper), n, "t over flips", level);
  };
  finding.add("silent_change_rate" + of, mean(silent), Better::lower,
              "mean share of answers that change in silence when " + where + " flips");
  finding.add("detected_rate" + of, mean(detected), Better::higher,
              "mean share of answers that are not finite when " + where + " flips");
}

void WeightFaultsRun::add_blocks(Finding& finding, double level) const {
  const auto bits = static_cast<std::size_t>(format_.bits);
  std::vector<double> share(parameters_.size() * bits, 0.0);
  std::vector<std::int64_t> critical(bits, 0), tried(bits, 0);
  const auto flips = static_cast<std::size_t>(options_.flips);
  for (std::size_t k = 0; k < outcomes_.size(); ++k) {
    const double one = static_cast<double>(outcomes_[k].n_silent) / static_cast<double>(n_samples_);
    const auto bit = static_cast<std::size_t>(bit_of(k));
    share[k / flips / bits * bits + (bits - 1 - bit)] += one / static_cast<double>(flips);
    ++tried[bit];
    critical[bit] += one > options_.tolerated;
  }
  Grid grid;
  grid.title = "Answers changed in silence, by parameter and bit";
  grid.row_label = "parameter";
  grid.col_label = "bit, the sign first";
  grid.note = "mean share over the flips of each cell";
  constexpr std::size_t most_rows = 40;
  grid.row_names.assign(names_.begin(),
                        names_.begin() + static_cast<long>(std::min(most_rows, names_.size())));
  if (names_.size() > most_rows)
    grid.note += ", the first 40 of " + std::to_string(names_.size()) + " parameters";
  for (std::size_t b = bits; b-- > 0;) grid.col_names.push_back(std::to_string(b));
  grid.values.assign(share.begin(),
                     share.begin() + static_cast<long>(grid.row_names.size() * bits));
  finding.blocks.emplace_back(std::move(grid));
  Curve curve;
  curve.title = "Critical flips by bit position";
  curve.x_label = "bit, 0 the least significant";
  curve.y_label = "share of flips that change answers in silence";
  curve.level = level;
  Curve::Series series;
  series.name = "critical";
  for (std::size_t b = 0; b < bits; ++b) {
    if (tried[b] == 0) continue;
    const Estimate rate = Estimate::rate(critical[b], tried[b], "wilson", level);
    series.x.push_back(static_cast<double>(b));
    series.y.push_back(rate.value());
    series.lower.push_back(*rate.lower);
    series.upper.push_back(*rate.upper);
  }
  curve.series.push_back(std::move(series));
  finding.blocks.emplace_back(std::move(curve));
}

void WeightFaultsRun::add_checks(Finding& finding) const {
  Check restored;
  restored.name = "weights_restored";
  restored.result = n_broken_ > 0 ? Check::fail : Check::pass;
  restored.why = n_broken_ > 0 ? "the parameters hold other bytes than before"
                               : "every byte of the parameters is as before";
  restored.remedy = "the model changes its own weights while it runs: freeze it";
  restored.applies_to = {"*"};
  finding.checks.push_back(std::move(restored));
  Check steady;
  steady.name = "clean_answers_repeat";
  steady.result = n_unsteady_ > 0 ? Check::fail : Check::pass;
  steady.why = std::to_string(n_unsteady_) + " of " + std::to_string(n_samples_) +
               " samples asked twice get another answer";
  steady.remedy = "the model is random, or keeps a state: its own noise is counted as change";
  steady.applies_to = {"*"};
  finding.checks.push_back(std::move(steady));
}

Finding WeightFaultsRun::finish(Session& session) {
  Finding finding;
  if (outcomes_.empty() || n_samples_ == 0) {
    finding.status = Status::empty;
    finding.why = "no flip was tried";
    return finding;
  }
  add_rates(finding, "", session.level());
  for (const char* part : {"sign", "exponent", "mantissa"})
    add_rates(finding, part, session.level());
  add_checks(finding);
  add_blocks(finding, session.level());
  finding.headline = "One flipped bit in a weight changes answers without notice in " +
                     plain::share(finding.at("critical_rate")) +
                     " of the flips; in the exponent in " +
                     plain::share(finding.at("critical_rate{bits=exponent}")) + ".";
  finding.consequence =
      "Memory without error correction can turn a good model into a bad one, and "
      "no output looks broken.";
  finding.remedies.push_back(
      {"Serve from memory with error correction, check a digest of the weights on a schedule, clip "
       "activations to the range seen in training.",
       ""});
  const std::size_t total =
      parameters_.size() * static_cast<std::size_t>(format_.bits * options_.flips);
  if (outcomes_.size() < total)
    finding.warnings.push_back("stopped after " + std::to_string(outcomes_.size()) + " of " +
                               std::to_string(total) + " flips");
  if (!skipped_.empty())
    finding.warnings.push_back(
        std::to_string(skipped_.size()) +
        " parameters of another dtype were left alone, the first: " + skipped_.front());
  return finding;
}

}  // namespace leadline::detail::weight_faults
