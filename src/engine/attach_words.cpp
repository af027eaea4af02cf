#include "engine/attach_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace leadline::detail::attach {

/// Rounding of sums in another order, with room for reduced-precision matrix units.
double tolerance_of(DType dtype) {
  switch (dtype) {
    case DType::f64:
      return 1e-6;
    case DType::f16:
    case DType::bf16:
      return 0.05;
    default:
      return is_floating(dtype) ? 1e-3 : 0;
  }
}

Scores scores_of(const Tensor& output) {
  if (!output.defined()) return {};
  const Tensor host = output.host();
  Scores out{std::vector<double>(static_cast<std::size_t>(host.n_elements())),
             !is_floating(host.dtype()), tolerance_of(host.dtype())};
  visit(ArrayView(host), [&](const auto* values) {
    for (std::size_t i = 0; i < out.values.size(); ++i)
      out.values[i] = static_cast<double>(values[i]);
  });
  return out;
}

double largest_change(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
    const double change = std::abs(a[i] - b[i]);
    largest =
        std::isfinite(change) ? std::max(largest, change) : std::numeric_limits<double>::infinity();
  }
  return largest;
}

/// Why values may lie outside the declared bounds, most frequent causes first.
std::string cause_outside(double low, double high, double from, double to) {
  if (to <= 1 && high > 2 && high <= 255 && low >= 0)
    return "they look like bytes: divide by 255, or declare bounds=(0, 255)";
  if (from >= 0 && low < 0 && high - low < 20)
    return "they look normalised by mean and deviation: give plain values and normalise inside "
           "the model, or declare the bounds after normalisation";
  if (from < 0 && to <= 1 && low >= 0)
    return "they look like plain values where normalised ones were declared: correct the bounds";
  return "correct the bounds, or the scaling of the data";
}

std::string cause_unfilled(double width, double declared) {
  const double ratio = declared / std::max(width, 1e-300);
  if (ratio > 200 && ratio < 320)
    return declared > 2 ? "they look like fractions: multiply by 255, or declare bounds=(0, 1)"
                        : "they look divided by 255 twice: scale once";
  if (width == 0) return "every value is the same: check the loading";
  return "check the scaling of the data, or correct the bounds";
}

void check_bounds(Finding& finding, const Seen& seen, const DataInfo& about) {
  Check within, fill;
  within.name = "inputs_within_bounds";
  fill.name = "inputs_fill_bounds";
  within.applies_to = fill.applies_to = {"headline", "inputs_min", "inputs_max"};
  if (!about.bounds || !(seen.low <= seen.high)) {
    within.why = fill.why = about.bounds ? "no value was seen" : "no bounds are declared";
    within.remedy = fill.remedy = "declare the range of the inputs: bounds=(0, 1)";
  } else {
    const auto [from, to] = *about.bounds;
    const double slack = 1e-6 * (to - from), width = seen.high - seen.low;
    const std::string saw = fmt::format("inputs lie in [{:.6g}, {:.6g}], declared [{:.6g}, {:.6g}]",
                                        seen.low, seen.high, from, to);
    const bool outside = seen.low < from - slack || seen.high > to + slack;
    within.result = outside ? Check::fail : Check::pass;
    within.why = saw;
    if (outside) within.remedy = cause_outside(seen.low, seen.high, from, to);
    const bool unfilled = !outside && width < 0.02 * (to - from);
    fill.result = unfilled ? Check::fail : Check::pass;
    fill.why = fmt::format("{}: {:.3g} % of the range", saw, 100 * width / (to - from));
    if (unfilled) fill.remedy = cause_unfilled(width, to - from);
  }
  finding.checks.push_back(std::move(within));
  finding.checks.push_back(std::move(fill));
}

void check_outputs(Finding& finding, const Seen& seen, const DataInfo& about, OutputKind kind) {
  Check finite{"outputs_finite", Check::pass, {}, {}, {"*"}, {}, {}};
  finite.why = fmt::format("all outputs of {} samples are finite", seen.n);
  if (seen.not_finite > 0) {
    finite.result = Check::fail;
    finite.why = fmt::format("{} of {} samples give an output that is not finite, the first is {}",
                             seen.not_finite, seen.n, seen.first_bad);
    finite.remedy = "look for overflow, a division by 0 or inputs of another scale";
  }
  finite.evidence = Estimate::rate(seen.not_finite, seen.n);
  if (seen.n == 0) finite.result = Check::not_run, finite.why = "no sample was seen";
  finding.checks.push_back(std::move(finite));

  Check classes{"outputs_match_classes", Check::not_run, {}, {}, {"headline", "n_outputs"}, {}, {}};
  const auto named = std::ssize(about.class_names);
  const auto given = seen.n_outputs == 1 ? 2 : seen.n_outputs;  // one column is a binary model
  if (named == 0 || seen.n == 0 || kind == OutputKind::labels || kind == OutputKind::values) {
    classes.why = named == 0 ? "the data names no classes" : "the model gives no scores a class";
  } else {
    classes.result = given == named ? Check::pass : Check::fail;
    classes.why =
        fmt::format("the model gives {} outputs, the data names {} classes", seen.n_outputs, named);
    classes.remedy = "name every class in the order of the outputs, or check the last layer";
  }
  finding.checks.push_back(std::move(classes));

  Check logits{"logits_are_not_probabilities", Check::not_run, {}, {}, {"*"}, {}, {}};
  logits.why = fmt::format("the outputs are {}", name_of(kind));
  if (kind == OutputKind::logits && seen.n > seen.not_finite && seen.n_outputs > 1) {
    const bool all = seen.like_probabilities == seen.n - seen.not_finite;
    logits.result = all ? Check::fail : Check::pass;
    logits.why =
        fmt::format("{} of {} rows lie in [0, 1] and sum to 1", seen.like_probabilities, seen.n);
    logits.remedy =
        "the model applies softmax itself: declare output='probabilities', else every "
        "confidence comes out too low";
  }
  finding.checks.push_back(std::move(logits));
}

Check deterministic(const SubjectInfo& model, const Again& again) {
  Check same{"deterministic", Check::not_run, {}, {}, {"*"}, {}, {}};
  if (model.stochastic) {
    same.why = "the model is declared stochastic (mode as_is): every result is one draw";
    return same;
  }
  same.remedy =
      "put the model into its evaluation state (dropout off); if it is meant to be random, say so: "
      "as_model(net, mode='as_is'), and read every result as one draw";
  same.why = "no sample could be put through the model again";
  if (!again.done) return same;
  const double change = again.repeat_change / (again.scale > 0 ? again.scale : 1);
  same.result = change <= again.tolerance ? Check::pass : Check::fail;
  same.why = fmt::format("two forwards of {} samples differ by {:.2g} of the largest score",
                         again.rows, change);
  return same;
}

Check rows_independent(const SubjectInfo& model, const Again& again) {
  Check alone{"rows_independent", Check::not_run, {}, {}, {"*"}, {}, {}};
  alone.remedy =
      "put the model into its evaluation state (batch normalisation), and remove what "
      "mixes the samples of a batch";
  alone.why = "no sample could be put through the model again";
  if (!again.done) return alone;
  const double unit = again.scale > 0 ? again.scale : 1;
  if (!again.alone_error.empty()) {
    alone.result = Check::fail;
    alone.why = fmt::format("among {} samples the model answers, to one of them alone it says: {}",
                            again.rows, again.alone_error);
  } else if (model.stochastic || again.repeat_change / unit > again.tolerance) {
    alone.why = fmt::format("the model is {}: mixing cannot be told from chance",
                            model.stochastic ? "declared stochastic" : "not deterministic");
  } else {
    alone.result = again.alone_change / unit <= again.tolerance ? Check::pass : Check::fail;
    alone.why = fmt::format(
        "alone and among {} samples, outputs differ by {:.2g} of the largest "
        "score; rounding explains {:.2g}",
        again.rows, again.alone_change / unit, again.tolerance);
  }
  return alone;
}

void add_estimates(Finding& finding, Session& session, const Seen& seen, const Again& again,
                   std::int64_t within) {
  const SubjectInfo about = session.subject().info();
  const auto exact = [&](std::string name, double value, std::string label) {
    auto& named = finding.add(std::move(name), Estimate::of(value, seen.n, "a fact of the run"),
                              Better::neither, std::move(label));
    named.estimate.method = "exact";
  };
  const auto unmeasured = Estimate::absent(Status::not_measured, "no sample was forwarded again");
  if (within >= 0 && seen.n_outputs > 1) {
    finding.add("decisions_within_margin",
                Estimate::rate(within, seen.n, "wilson", session.level()), Better::lower,
                "share of decisions that the batch size alone could turn");
  } else {
    finding.add("decisions_within_margin", unmeasured, Better::lower);
  }
  const double change = again.scale > 0 ? again.alone_change / again.scale : again.alone_change;
  if (again.done && again.alone_error.empty() && std::isfinite(change)) {
    finding.add("batch_size_change",
                Estimate::of(change, again.rows, "the largest change that was seen"), Better::lower,
                "change of the scores with the batch size, of the largest score");
  } else {
    finding.add("batch_size_change", unmeasured, Better::lower);
  }
  if (seen.low <= seen.high && std::isfinite(seen.low) && std::isfinite(seen.high)) {
    exact("inputs_min", seen.low, "least input value");
    exact("inputs_max", seen.high, "greatest input value");
  }
  exact("n_outputs", static_cast<double>(seen.n_outputs), "outputs a sample");
  exact("reachable_layers", static_cast<double>(about.layers.size()),
        "layers whose activations can be read");
}

Finding describe(Session& session, const Seen& seen, const Again& again, std::int64_t within) {
  Finding finding;
  const DataInfo data = session.data().info();
  const SubjectInfo model = session.subject().info();
  check_outputs(finding, seen, data, session.output_kind());
  check_bounds(finding, seen, data);
  finding.checks.push_back(deterministic(model, again));
  finding.checks.push_back(rows_independent(model, again));
  add_estimates(finding, session, seen, again, within);
  TableBlock table;
  table.title = "What was attached";
  table.columns = {"fact", "value"};
  const auto row = [&](std::string name, std::string value) {
    table.rows.push_back({std::move(name), std::move(value)});
  };
  row("model", fmt::format("{} ({})", model.name, model.backend));
  row("outputs", fmt::format("{}{}", name_of(session.output_kind()),
                             model.output == OutputKind::unknown
                                 ? ", settled on the first batch or declared by the caller"
                                 : ", as the model says"));
  row("access", text_of(model.access));
  row("device", model.device);
  row("data", fmt::format("{} ({})", data.name, name_of(data.modality)));
  finding.blocks.emplace_back(std::move(table));

  std::vector<const Check*> failed;
  for (const auto& check : finding.checks)
    if (check.result == Check::fail) failed.push_back(&check);
  finding.headline = "Model and data fit together as declared.";
  if (failed.empty()) return finding;
  finding.headline = fmt::format("Model and data do not fit together: {}.", failed.front()->why);
  finding.consequence =
      "Every number of this report may describe another model than the one that "
      "will be used.";
  for (const auto* check : failed) finding.remedies.push_back({check->remedy, ""});
  return finding;
}

}  // namespace leadline::detail::attach
