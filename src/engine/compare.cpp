#include "leadline/engine/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "engine/compare_findings.hpp"
#include "engine/text.hpp"
#include "leadline/core/error.hpp"
#include "leadline/engine/nightly_gate.hpp"

namespace leadline {
namespace detail::compare {
namespace whole {

void check_options(const CompareOptions& options) {
  constexpr std::string_view who = "compare";
  if (options.margin && !(*options.margin >= 0))
    throw ValueError(who, "margin >= 0", fmt::format("{}", *options.margin),
                     "it is how much worse the second model may be, e.g. 0.01 for a point");
  if (!(options.level > 0 && options.level < 1))
    throw ValueError(who, "level in (0, 1)", fmt::format("{}", options.level), "use 0.95");
  if (options.replicates < 100 || options.replicates > 1000000)
    throw ValueError(who, "replicates in [100, 1000000]", std::to_string(options.replicates),
                     "1000 is usual");
  if (options.bins < 1 || options.bins > 10000)
    throw ValueError(who, "bins in [1, 10000]", std::to_string(options.bins), "15 is usual");
  if (options.min_slice < 1)
    throw ValueError(who, "min_slice >= 1", std::to_string(options.min_slice), "20 is usual");
  if (options.batch_size < 1)
    throw ValueError(who, "batch_size >= 1", std::to_string(options.batch_size), "use 128");
}

std::vector<Kernel> kernels_of(const Pairs& pairs, const CompareOptions& options) {
  std::vector<Kernel> kernels;
  if (pairs.classes) {
    kernels.push_back(class_kernel(pairs));
    if (!pairs.a.confidence.empty() && !pairs.b.confidence.empty())
      kernels.push_back(calibration_kernel(pairs, options.bins));
  }
  for (const auto& metric : options.metrics) kernels.push_back(metric_kernel(pairs, metric));
  return kernels;
}

const Row& deciding(const std::vector<Row>& rows, const std::string& asked) {
  std::vector<std::string_view> names;
  for (const Row& row : rows) {
    if (asked.empty() || row.about.name == asked) return row;
    names.push_back(row.about.name);
  }
  std::string known;
  for (const auto name : names) known += fmt::format("{}'{}'", known.empty() ? "" : ", ", name);
  const auto nearest = nearest_name(asked, names);
  throw ValueError("compare", "metric to be one of " + known, "'" + asked + "'",
                   nearest.empty() ? "use one of these, or add it to metrics"
                                   : fmt::format("did you mean '{}'?", nearest));
}

/// "by 1.2 points (between 0.4 and 2.0)"; raw numbers for losses.
std::string size_text(const Row& row) {
  const bool turned = row.about.better == Better::lower;
  const bool share = row.about.unit.empty() && row.about.name != "brier" &&
                     row.about.name != "mae" && row.about.name != "mse";
  const double scale = (share ? 100 : 1) * (turned ? -1 : 1);
  const double value = scale * row.difference.value();
  double low = scale * *row.difference.lower, high = scale * *row.difference.upper;
  if (low > high) std::swap(low, high);
  return share ? fmt::format("{:+.1f} points (between {:+.1f} and {:+.1f})", value, low, high)
               : fmt::format("{:+.3g} (between {:+.3g} and {:+.3g})", value, low, high);
}

/// Verdict, reason and what else the report says at its top.
struct Conclusion {
  Decision decision;
  std::string why;
  const Row* row = nullptr;
};

std::string margin_text(const CompareOptions& options) {
  return options.margin ? fmt::format("the margin {:g}", *options.margin) : "the margin 0";
}

Conclusion conclude(const Pairs& pairs, const std::vector<Row>& rows, const Slices& slices,
                    const CompareOptions& options, const NightlyGate* gate) {
  Conclusion out;
  out.row = &deciding(rows, options.metric);
  const Row& row = *out.row;
  out.decision = decide(row.difference, row.about.better, options.margin.value_or(0),
                        options.margin.has_value());
  const auto& [a, b] = std::tie(pairs.a.name, pairs.b.name);
  if (!row.difference.ok() || !row.difference.lower) {
    out.why = fmt::format("'{}' has no interval on these samples: {}", row.about.name,
                          row.difference.why);
    return out;
  }
  const std::string size = fmt::format("{}: {}", row.about.label, size_text(row));
  const auto say = [&](std::string_view text) { out.why = fmt::format("'{}' {}", b, text); };
  switch (out.decision.change) {
    case Change::better:
      say(fmt::format("is better than '{}'; {}", a, size));
      break;
    case Change::worse:
      say(fmt::format("is worse than '{}'; {}", a, size));
      break;
    case Change::equivalent:
      say(fmt::format("is as good as '{}' within {}; {}", a, margin_text(options), size));
      break;
    case Change::undecided:
      say(fmt::format("is neither shown better nor worse than '{}' at {}; {}", a,
                      margin_text(options), size));
  }
  if (gate == nullptr) {
    if (out.decision.change != Change::worse && !slices.worse.empty()) {
      out.decision = {Change::worse, {}};
      out.why += fmt::format("; but the group {} got worse", slices.worse.front());
    }
    return out;
  }
  const auto& night = gate->nights().back();
  if (!night.alarm.empty()) {
    out.decision = {Change::worse, {}};
    out.why += fmt::format("; alarm of the sequential gate on night {} ({})", gate->nights().size(),
                           night.alarm);
  } else if (out.decision.change == Change::worse) {
    out.decision.change = Change::undecided;
    out.why +=
        fmt::format("; over {} nights of looking that is not yet evidence", gate->nights().size());
  }
  return out;
}

/// The verdict at the top of the report.
void add_verdict(Report& report, const Conclusion& outcome, const CompareOptions& options) {
  const Row& row = *outcome.row;
  const bool lower = row.about.better == Better::lower;
  Verdict verdict;
  verdict.requirement = {"not worse than the first model",
                         "task." + difference_name(row.about.name),
                         lower ? leadline::Comparison::below : leadline::Comparison::above,
                         (lower ? 1 : -1) * options.margin.value_or(0),
                         "",
                         "declared before the comparison"};
  if (verdict.requirement.limit == 0) verdict.requirement.limit = 0;  // no -0
  verdict.outcome = outcome.decision.change == Change::worse       ? Outcome::not_met
                    : outcome.decision.change == Change::undecided ? Outcome::undecided
                                                                   : Outcome::met;
  verdict.why = outcome.why;
  if (row.difference.ok()) verdict.estimate = row.difference;
  verdict.more_samples = outcome.decision.more_samples;
  report.verdicts.push_back(std::move(verdict));
}

/// Columns of both models and the labels: what `Comparison::flips` reads.
std::shared_ptr<const SampleTable> joined(const Pairs& pairs) {
  auto table = std::make_shared<SampleTable>();
  table->put("target", pairs.ids, pairs.target);
  for (const auto& [prefix, side] : {std::pair{"a.", &pairs.a}, std::pair{"b.", &pairs.b}}) {
    const auto put = [&](const char* name, const auto& values) {
      if (values.empty()) return;
      table->put(std::string(prefix) + name, pairs.ids,
                 std::vector<double>(values.begin(), values.end()));
    };
    put("prediction", side->prediction);
    put("confidence", side->confidence);
    put("loss", side->loss);
    put("correct", side->correct);
  }
  return table;
}

void add_facts(Report& report, const Pairs& pairs, const Observed& a, const Observed& b,
               const Conclusion& outcome, const CompareOptions& options) {
  const auto add = [&](std::string key, std::string value) {
    report.provenance.emplace_back(std::move(key), std::move(value));
  };
  add("leadline.version", LEADLINE_VERSION);
  add("compare.verdict", std::string(name_of(outcome.decision.change)));
  add("compare.why", outcome.why);
  add("compare.more_samples",
      outcome.decision.more_samples ? std::to_string(*outcome.decision.more_samples) : "none");
  add("compare.metric", outcome.row->about.name);
  add("compare.margin", options.margin ? fmt::format("{}", *options.margin) : "none");
  add("model.a", a.name);
  add("model.a.digest", a.digest.empty() ? "none" : a.digest);
  add("model.b", b.name);
  add("model.b.digest", b.digest.empty() ? "none" : b.digest);
  add("data.test.name", a.data_name);
  add("data.test.size", std::to_string(pairs.n()));
  add("data.test.fingerprint", a.fingerprint.empty() ? "none" : a.fingerprint);
  add("seed", std::to_string(options.seed));
  add("level", fmt::format("{}", options.level));
  for (const auto& [key, value] : options.provenance) add(key, value);
}

std::optional<NightlyGate> gate_of(const Pairs& pairs, const Observed& a, const Slices& slices,
                                   const CompareOptions& options) {
  if (options.history.empty()) return std::nullopt;
  if (!pairs.classes)
    throw CapabilityError("compare", "models that name classes for a history", "models of numbers",
                          "leave history out");
  const NightlyGate::Options asked{options.margin.value_or(0), 1 - options.level};
  NightlyGate gate(asked);
  if (std::filesystem::exists(options.history)) {
    gate = NightlyGate::load(options.history);
    const auto& stored = gate.options();
    if (stored.margin != asked.margin || std::abs(stored.alpha - asked.alpha) > 1e-12)
      throw ValueError("compare",
                       fmt::format("the margin {} and level {} of the history '{}'", stored.margin,
                                   1 - stored.alpha, options.history),
                       fmt::format("margin {} and level {}", asked.margin, options.level),
                       "limits stay as they were declared; start another history");
  }
  double slice_p = 1;
  for (const Slice& slice : slices.tested)
    if (slice.change == Change::worse ||
        (slice.difference.value() < 0 && slice.simultaneous.lower <= -asked.margin))
      slice_p = std::min(slice_p, slice.p_adjusted);
  gate.add(count_pairs(pairs), a.fingerprint, slice_p);
  gate.save(options.history);
  return gate;
}

Report report_of(const Observed& a, const Observed& b, const CompareOptions& options,
                 const Dataset* data) {
  Pairs pairs = join(a, b, options, "compare");
  if (data != nullptr) pairs.class_names = data->info().class_names;
  const auto drawn = draw(pairs, kernels_of(pairs, options), options);
  const auto rows = task_rows(pairs, drawn, options);
  const Slices slices = slice_tests(pairs, options);
  const auto gate = gate_of(pairs, a, slices, options);
  const Conclusion outcome = conclude(pairs, rows, slices, options, gate ? &*gate : nullptr);
  Report report;
  report.kind = "compare";
  report.title =
      options.title.empty() ? fmt::format("{} against {}", b.name, a.name) : options.title;
  report.created = engine::now_utc();
  add_facts(report, pairs, a, b, outcome, options);
  Finding task = task_finding(pairs, rows, options);
  task.headline = outcome.why + ".";
  if (outcome.decision.more_samples)
    task.remedies.push_back(
        {fmt::format("About {} further samples would decide.", *outcome.decision.more_samples),
         ""});
  report.findings.push_back(std::move(task));
  report.findings.push_back(flips_finding(pairs, options, data));
  report.findings.push_back(slices_finding(pairs, slices, options));
  report.findings.push_back(calibration_finding(pairs, drawn, options));
  if (gate) report.findings.push_back(gate->finding());
  add_verdict(report, outcome, options);
  report.samples = joined(pairs);
  return report;
}

/// The names given, else the models' own; two equal ones are told apart.
std::array<std::string, 2> names_of(std::string a, std::string b, const CompareOptions& options) {
  std::array<std::string, 2> names{options.names[0].empty() ? std::move(a) : options.names[0],
                                   options.names[1].empty() ? std::move(b) : options.names[1]};
  for (auto& name : names)
    if (name.empty()) name = "model";
  if (names[0] == names[1]) {
    names[0] += " (a)";
    names[1] += " (b)";
  }
  return names;
}

}  // namespace whole
}  // namespace detail::compare

std::string_view name_of(Change change) {
  constexpr std::array<std::string_view, 4> names{"better", "worse", "equivalent", "undecided"};
  return names[static_cast<std::size_t>(change)];
}

ModelComparison compare(std::shared_ptr<Subject> a, std::shared_ptr<Subject> b, DatasetPtr data,
                        const CompareOptions& options) {
  namespace impl = detail::compare;
  impl::whole::check_options(options);
  if (!data) throw TypeError("compare", "a data set", "none", "pass compare(a, b, data)");
  if (!a || !b) throw TypeError("compare", "two models", "none", "pass compare(a, b, data)");
  const auto began = std::chrono::steady_clock::now();
  const auto names = impl::whole::names_of(a->info().name, b->info().name, options);
  const auto pass = impl::observe({{names[0], std::move(a)}, {names[1], std::move(b)}}, *data,
                                  options, !options.metrics.empty());
  Report report = impl::whole::report_of(pass.models[0], pass.models[1], options, data.get());
  report.partial = !pass.cut_short.empty();
  report.partial_why = pass.cut_short;
  report.provenance.emplace_back("run.forwards", std::to_string(pass.forwards));
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
  report.provenance.emplace_back("seconds.total", fmt::format("{:.3f}", spent.count()));
  return ModelComparison(std::move(report));
}

ModelComparison compare(const Report& a, const Report& b, const CompareOptions& options,
                        const DatasetPtr& data) {
  namespace impl = detail::compare;
  impl::whole::check_options(options);
  const auto names = impl::whole::names_of(a.fact("model.name"), b.fact("model.name"), options);
  const auto first = impl::stored(a, names[0]), second = impl::stored(b, names[1]);
  if (data && !first.fingerprint.empty() && data->info().fingerprint != first.fingerprint)
    throw ValueError("compare", "the data that the runs were made on",
                     "data '" + data->info().name + "' " + data->info().fingerprint + ", not " +
                         first.fingerprint,
                     "leave data out, or pass the same");
  return ModelComparison(impl::whole::report_of(first, second, options, data.get()));
}

}  // namespace leadline
