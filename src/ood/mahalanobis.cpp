#include "leadline/ood/mahalanobis.hpp"

#include <fmt/format.h>

#include "leadline/core/error.hpp"
#include "leadline/core/features.hpp"
#include "leadline/ood/score_sets.hpp"
#include "leadline/stats/intervals.hpp"
#include "leadline/stats/quantiles.hpp"

namespace leadline::ood {
namespace detail::mahalanobis {

class Run final : public ProbeRun {
 public:
  Run(Session& session, const std::string& fit_role, std::string layer, std::int64_t max_features)
      : fit_role_(fit_role),
        layer_(std::move(layer)),
        max_features_(max_features),
        tour_({fit_role}, session) {}

  std::optional<PassNeeds> next_pass() override {
    if (auto role = tour_.next()) return PassNeeds{std::move(*role), {layer_}};
    return std::nullopt;
  }

  void observe(Context& context) override {
    const Eigen::MatrixXd features =
        features_of(context.activation(layer_), max_features_, "mahalanobis");
    const auto& ids = context.batch().ids;
    if (tour_.current() == fit_role_) {
      const auto& labels = context.predictions().target;
      if (labels.empty())
        throw DataError("mahalanobis", "labels in the role '" + fit_role_ + "'", "none",
                        "give the class of each sample to fit on");
      fit_.add(features, labels);
      return;
    }
    if (!solved_) solved_ = fit_.solve();
    const Eigen::VectorXd distances = nearest_squared_distance(*solved_, features);
    const std::vector<double> scores = [&] {
      std::vector<double> out(static_cast<std::size_t>(distances.size()));
      Eigen::Map<Eigen::VectorXd>(out.data(), distances.size()) = -distances;
      return out;
    }();
    sets_.add(tour_.current(), ids, scores);
    if (tour_.current() == "test")
      context.session().table().put(context.session().probe_id() + ".score", ids, scores);
  }

  void merge(const ProbeRun& other) override {
    const auto& same = dynamic_cast<const Run&>(other);
    fit_.merge(same.fit_);
    sets_.merge(same.sets_);
  }

  [[nodiscard]] std::string save() const override {
    State state("ood.Mahalanobis");
    state.set("pass", tour_.position()).set("layer", layer_);
    fit_.save(state);
    sets_.save(state);
    return state.dump();
  }
  void load(std::string_view text) override {
    const State state = State::parse(text, "ood.Mahalanobis");
    if (state.text("layer") != layer_)
      throw StoreError("mahalanobis.load", "layer '" + layer_ + "'",
                       "'" + state.text("layer") + "'", "start a new run");
    GaussianFit fit;
    fit.load(state);
    ScoreSets sets;
    sets.load(state);
    tour_.restore(state.integer("pass"));
    fit_ = std::move(fit);
    sets_ = std::move(sets);
    solved_.reset();
  }

  Finding finish(Session& session) override {
    Finding finding = sets_.finding("mahalanobis", session);
    if (finding.status != Status::ok) return finding;
    const auto solved = fit_.solve();
    add_fit_checks(finding, solved, session.level());
    finding.warnings.push_back(
        fmt::format("layer '{}', {} features of which {} vary, fitted on {} samples", layer_,
                    fit_.n_features(), solved.rank, fit_.n()));
    return finding;
  }

 private:
  /// Under the fitted Gaussian a squared distance to the own class mean has mean = rank; to the
  /// nearest one it is a little less. Test distances far above it mean an overfitted covariance or
  /// test data unlike the fit data.
  void add_fit_checks(Finding& finding, const GaussianFit::Solved& solved, double level) const {
    stats::Moments moments;
    for (const auto& [id, score] : sets_.roles().at("test")) moments.add(-score);
    const auto interval = stats::mean_interval_t(moments, level);
    const std::string name = "mean_squared_distance";
    finding.add(name,
                interval ? Estimate::with(moments.mean, interval->lower, interval->upper, moments.n,
                                          "t", level)
                         : Estimate::of(moments.mean, moments.n, "one sample"),
                Better::neither, "distance of test samples to the nearest class, squared");
    Check describes;
    describes.name = "fit_describes_test_data";
    describes.applies_to = {"*"};
    describes.evidence = finding.at(name);
    // The median: a feature that hardly ever varies puts a few honest samples very far out.
    std::vector<double> distances;
    for (const auto& [id, score] : sets_.roles().at("test")) distances.push_back(-score);
    const double ratio = stats::quantile(distances, 0.5) / static_cast<double>(solved.rank);
    describes.result = ratio < 5 ? Check::pass : Check::fail;
    describes.why = fmt::format(
        "half of the test samples lie {:.2f} times as far as the fit expects, or farther (squared)",
        ratio);
    describes.remedy = "fit on more samples, on a narrower layer, or on data like the test data";
    finding.checks.push_back(std::move(describes));
    Check enough;
    enough.name = "enough_samples_to_fit";
    enough.applies_to = {"*"};
    enough.result =
        fit_.n() >= 2 * fit_.n_features() + fit_.n_classes() ? Check::pass : Check::fail;
    enough.why = fmt::format("{} samples for {} features and {} classes; two a feature are wanted",
                             fit_.n(), fit_.n_features(), fit_.n_classes());
    enough.remedy = "give more samples in the role '" + fit_role_ + "', or choose a narrower layer";
    finding.checks.push_back(std::move(enough));
  }

  std::string fit_role_, layer_;
  std::int64_t max_features_;
  Tour tour_;
  GaussianFit fit_;
  ScoreSets sets_;
  std::optional<GaussianFit::Solved> solved_;
};

}  // namespace detail::mahalanobis

Mahalanobis::Mahalanobis(Options options) : options_(std::move(options)) {
  check_options("Mahalanobis", options_);
}

ProbeInfo Mahalanobis::info() const {
  ProbeInfo info{
      "mahalanobis",
      "Does it notice inputs of a kind it was never taught, by how it sees them inside?"};
  info.access = Access::outputs | Access::activations;
  info.roles = {"ood"};
  info.needs_target = false;
  info.relative_cost = 2;
  info.alternative = "leadline.ood.Energy()";
  info.shards = false;
  return info;
}

std::vector<std::pair<std::string, std::string>> Mahalanobis::options() const {
  return options_text(options_);
}

std::shared_ptr<ProbeRun> Mahalanobis::start(Session& session) const {
  auto role = fit_role(session, "mahalanobis");
  auto layer = layer_or_default(session, options_.layer, "mahalanobis");
  return std::make_shared<detail::mahalanobis::Run>(session, role, std::move(layer),
                                                    options_.max_features);
}

}  // namespace leadline::ood
