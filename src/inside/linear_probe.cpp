#include "leadline/inside/linear_probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "leadline/core/error.hpp"
#include "leadline/core/features.hpp"
#include "leadline/core/fingerprint.hpp"
#include "leadline/core/state.hpp"
#include "leadline/inside/logistic.hpp"
#include "leadline/stats/distributions.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/random.hpp"

namespace leadline::inside {
namespace detail::linear_probe {

/// Features of some samples, with their labels and the hash of their inputs.
struct Samples {
  std::int64_t width = 0;
  std::map<SampleId, std::vector<double>> features;
  std::map<SampleId, std::int64_t> labels;
  std::map<SampleId, std::int64_t> hashes;

  void add(SampleId id, const Eigen::Ref<const Eigen::RowVectorXd>& row, std::int64_t label,
           std::int64_t hash) {
    width = row.size();
    features[id].assign(row.begin(), row.end());
    labels[id] = label;
    hashes[id] = hash;
  }
  void merge(const Samples& other) {
    width = std::max(width, other.width);
    features.insert(other.features.begin(), other.features.end());
    labels.insert(other.labels.begin(), other.labels.end());
    hashes.insert(other.hashes.begin(), other.hashes.end());
  }
  [[nodiscard]] Eigen::MatrixXd matrix() const {
    Eigen::MatrixXd out(std::ssize(features), width);
    Eigen::Index row = 0;
    for (const auto& [id, values] : features)
      out.row(row++) = Eigen::Map<const Eigen::RowVectorXd>(values.data(), width);
    return out;
  }
  [[nodiscard]] std::vector<std::int64_t> targets() const {
    std::vector<std::int64_t> out;
    for (const auto& [id, label] : labels) out.push_back(label);
    return out;
  }

  void save(State& state, const std::string& key) const {
    std::vector<std::int64_t> ids, hash_values;
    std::vector<double> flat;
    for (const auto& [id, values] : features) {
      ids.push_back(id);
      hash_values.push_back(hashes.at(id));
      flat.insert(flat.end(), values.begin(), values.end());
    }
    state.set(key + ".width", width)
        .set(key + ".ids", std::move(ids))
        .set(key + ".labels", targets())
        .set(key + ".hashes", std::move(hash_values))
        .set(key + ".features", std::move(flat));
  }
  static Samples load(const State& state, const std::string& key) {
    Samples out;
    const auto width = state.integer(key + ".width");
    const auto& ids = state.integers(key + ".ids");
    const auto n = std::ssize(ids);
    if (width < 0 || width > 1 << 24)
      throw StoreError("linear_probe.load", "a width", std::to_string(width), "start a new run");
    const auto& labels = state.integers(key + ".labels", n);
    const auto& hashes = state.integers(key + ".hashes", n);
    const auto& flat = state.numbers(key + ".features", n * width);
    for (std::int64_t i = 0; i < n; ++i)
      out.add(ids[i], Eigen::Map<const Eigen::RowVectorXd>(flat.data() + i * width, width),
              labels[i], hashes[i]);
    return out;
  }
};

// Nats of mean log loss that a longer fit could still gain: where the fit ends, and what is too
// much.
constexpr double gap_wanted = 1e-3, gap_allowed = 0.01;
constexpr int max_iterations = 2000;

/// Share of each label among the samples fitted on.
std::vector<double> frequencies(const std::vector<std::int64_t>& labels, std::int64_t n_classes) {
  std::vector<double> out(static_cast<std::size_t>(n_classes));
  for (const auto label : labels)
    out[static_cast<std::size_t>(label)] += 1.0 / static_cast<double>(labels.size());
  return out;
}

/// Labels drawn with those frequencies from nothing but the content of each input.
std::vector<std::int64_t> control_labels(const Samples& samples, const std::vector<double>& shares,
                                         std::uint64_t seed) {
  std::vector<std::int64_t> out;
  for (const auto& [id, hash] : samples.hashes) {
    double u = stats::Rng(seed, "linear_probe/control", hash).uniform();
    std::int64_t label = 0;
    while (label + 1 < std::ssize(shares) && u >= shares[static_cast<std::size_t>(label)])
      u -= shares[static_cast<std::size_t>(label++)];
    out.push_back(label);
  }
  return out;
}

std::int64_t hits(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  std::int64_t n = 0;
  for (std::size_t i = 0; i < a.size(); ++i) n += a[i] == b[i] ? 1 : 0;
  return n;
}

class Run final : public ProbeRun {
 public:
  Run(LinearProbeOptions options, std::string role, std::string layer)
      : options_(std::move(options)), role_(std::move(role)), layer_(std::move(layer)) {}

  std::optional<PassNeeds> next_pass() override {
    ++pass_;
    if (pass_ == 1) return PassNeeds{role_, {layer_}};
    if (pass_ == 2) return PassNeeds{"test", {layer_}};
    return std::nullopt;
  }

  void observe(Context& context) override {
    Samples& into = pass_ == 1 ? fit_ : test_;
    if (pass_ == 1 && std::ssize(fit_.features) >= options_.max_samples) return;
    const auto& batch = context.batch();
    const Eigen::MatrixXd features =
        features_of(context.activation(layer_), options_.max_features, "linear_probe");
    const Tensor inputs = batch.inputs.primary.host();
    for (std::int64_t i = 0; i < batch.size(); ++i) {
      if (pass_ == 1 && std::ssize(fit_.features) >= options_.max_samples) break;
      const auto label = label_of(context, i);
      if (label < 0) continue;
      const auto text = Fingerprint().add(inputs.rows(i, 1)).text();
      into.add(batch.ids[i], features.row(i), label,
               static_cast<std::int64_t>(stats::hash64(text)));
    }
  }

  void merge(const ProbeRun& other) override {
    const auto& same = dynamic_cast<const Run&>(other);
    fit_.merge(same.fit_);
    test_.merge(same.test_);
    names_.merge(std::map(same.names_));
  }
  [[nodiscard]] std::string save() const override {
    State state("inside.LinearProbe");
    state.set("pass", pass_).set("layer", layer_);
    fit_.save(state, "fit");
    test_.save(state, "test");
    std::vector<std::string> names;
    for (const auto& [label, name] : names_) names.push_back(name);
    state.set("names", std::move(names));
    return state.dump();
  }
  void load(std::string_view text) override {
    const State state = State::parse(text, "inside.LinearProbe");
    if (state.text("layer") != layer_)
      throw StoreError("linear_probe.load", "layer '" + layer_ + "'",
                       "'" + state.text("layer") + "'", "start a new run");
    auto fit = Samples::load(state, "fit");
    auto test = Samples::load(state, "test");
    pass_ = static_cast<int>(state.integer("pass"));
    fit_ = std::move(fit);
    test_ = std::move(test);
    std::int64_t label = 0;
    for (const auto& name : state.texts("names")) names_[label++] = name;
  }

  Finding finish(Session& session) override;

 private:
  /// The label of row `i`, or -1 where the column has no value.
  std::int64_t label_of(Context& context, std::int64_t i) {
    if (options_.column.empty()) {
      const auto& target = context.predictions().target;
      if (target.empty())
        throw DataError("linear_probe", "labels in every role it passes over", "none",
                        "give targets, or name a column of the table");
      return target[static_cast<std::size_t>(i)];
    }
    const auto& table = context.batch().table;
    if (!table)
      throw DataError("linear_probe", "a table with column '" + options_.column + "'", "no table",
                      "Dataset(x, y, table=...)");
    const auto name = table->text(options_.column, i);
    if (name == "missing") return -1;
    for (const auto& [label, known] : names_)
      if (known == name) return label;
    const auto label = std::ssize(names_);
    names_[label] = name;
    return label;
  }
  void add_checks(Finding& finding, const Logistic& model, std::int64_t control_hits,
                  double control_chance) const;

  LinearProbeOptions options_;
  std::string role_, layer_;
  int pass_ = 0;
  Samples fit_, test_;
  std::map<std::int64_t, std::string> names_;  // of a column's values, by label
};

Finding Run::finish(Session& session) {
  Finding finding;
  const auto labels = fit_.targets(), truth = test_.targets();
  if (labels.size() < 2 || truth.empty()) {
    finding.status = Status::empty;
    finding.why = fmt::format("{} samples to fit on and {} to score", labels.size(), truth.size());
    return finding;
  }
  const auto n_classes = 1 + std::max(*std::max_element(labels.begin(), labels.end()),
                                      *std::max_element(truth.begin(), truth.end()));
  const auto shares = frequencies(labels, n_classes);
  const auto majority = std::max_element(shares.begin(), shares.end()) - shares.begin();
  const Eigen::MatrixXd x = fit_.matrix(), z = test_.matrix();
  const auto model =
      fit_logistic(x, labels, n_classes, options_.penalty, max_iterations, gap_wanted);
  const auto n = std::ssize(truth);
  const auto right = hits(model.predict(z), truth);
  const auto control_fit = control_labels(fit_, shares, session.seed());
  const auto control_test = control_labels(test_, shares, session.seed());
  const auto control_model =
      fit_logistic(x, control_fit, n_classes, options_.penalty, max_iterations, gap_wanted);
  const auto control_said = control_model.predict(z);
  const auto control_right = hits(control_said, control_test);
  const auto majority_right = std::count(truth.begin(), truth.end(), majority);

  const double level = session.level();
  finding.add("accuracy", Estimate::rate(right, n, "wilson", level), Better::neither,
              "share of test samples a linear reader of the layer gets right");
  finding.add("majority_rate", Estimate::rate(majority_right, n, "wilson", level), Better::neither,
              "share reached by always guessing the most frequent answer");
  finding.add("control_accuracy", Estimate::rate(control_right, n, "wilson", level),
              Better::neither, "the same reader on made-up answers");
  const double gap = static_cast<double>(right - control_right) / static_cast<double>(n);
  const auto interval =
      stats::newcombe_difference(static_cast<double>(right), static_cast<double>(n),
                                 static_cast<double>(control_right), static_cast<double>(n), level);
  finding.add("selectivity",
              Estimate::with(gap, std::min(gap, interval.lower), std::max(gap, interval.upper), n,
                             "newcombe", level),
              Better::neither, "accuracy minus control accuracy");
  // What a reader with no knowledge would reach on the control: its own mix of answers.
  double chance = 0;
  for (const auto said : control_said)
    chance += shares[static_cast<std::size_t>(said)] / static_cast<double>(n);
  add_checks(finding, model, control_right, chance);
  const std::string what =
      options_.column.empty() ? "the right answer" : "'" + options_.column + "'";
  finding.headline = fmt::format(
      "From layer '{}' alone a simple reader finds {} for about {:.0f} of 100 samples; guessing "
      "finds {:.0f}.",
      layer_, what, 100 * finding.at("accuracy").value(),
      100 * finding.at("majority_rate").value());
  finding.consequence =
      options_.column.empty()
          ? "It shows where in the network the task is solved; it does not show that the network "
            "uses it."
          : "The network carries this information, so its decisions can depend on it.";
  finding.remedies = {
      {"Compare layers from the first to the last.", "leadline.inside.LinearProbe(layer=...)"}};
  return finding;
}

void Run::add_checks(Finding& finding, const Logistic& model, std::int64_t control_hits,
                     double control_chance) const {
  const auto n = std::ssize(test_.labels);
  Check control;
  control.name = "random_label_control";
  control.applies_to = {"accuracy", "selectivity"};
  control.evidence = finding.at("control_accuracy");
  control.p_value =
      control_hits == 0 ? 1.0 : stats::binomial_sf(control_hits - 1, n, control_chance);
  control.result = *control.p_value < 0.001 ? Check::fail : Check::pass;
  control.why =
      fmt::format("{} of {} made-up answers hit, {:.1f} expected by chance, p = {:.3g}",
                  control_hits, n, control_chance * static_cast<double>(n), *control.p_value);
  control.remedy = "the data to fit on and the test data share samples: remove the duplicates";
  Check converged;
  converged.name = "fit_converged";
  converged.applies_to = {"accuracy", "selectivity"};
  converged.result = model.converged || model.gap < gap_allowed ? Check::pass : Check::fail;
  converged.why =
      fmt::format("gradient {:.2g} after {} steps: {}", model.gradient_norm, model.n_iterations,
                  model.converged && model.gap >= gap_wanted
                      ? "it has ended"
                      : fmt::format("at most {:.2g} nats above the best fit", model.gap));
  converged.remedy = "raise the penalty";
  Check enough;
  enough.name = "enough_samples_to_fit";
  enough.applies_to = {"accuracy", "selectivity"};
  enough.result = std::ssize(fit_.labels) >= 2 * fit_.width ? Check::pass : Check::fail;
  enough.why = fmt::format("{} samples for {} features; two a feature are wanted",
                           fit_.labels.size(), fit_.width);
  enough.remedy = "give more samples in the role '" + role_ + "', or choose a narrower layer";
  finding.checks = {std::move(control), std::move(converged), std::move(enough)};
}

}  // namespace detail::linear_probe

LinearProbe::LinearProbe(Options options) : options_(std::move(options)) {
  check_options("LinearProbe", options_);
}

ProbeInfo LinearProbe::info() const {
  ProbeInfo info{"linear_probe", "Where inside the network is the answer known?"};
  info.access = Access::activations;
  info.needs_target = options_.column.empty();
  info.relative_cost = 1.5;
  info.shards = false;
  return info;
}

std::vector<std::pair<std::string, std::string>> LinearProbe::options() const {
  return options_text(options_);
}

std::shared_ptr<ProbeRun> LinearProbe::start(Session& session) const {
  auto role = fit_role(session, "linear_probe");
  auto layer = layer_or_default(session, options_.layer, "linear_probe");
  return std::make_shared<detail::linear_probe::Run>(options_, std::move(role), std::move(layer));
}

}  // namespace leadline::inside
