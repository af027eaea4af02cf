#include "leadline/ood/energy.hpp"

#include <algorithm>
#include <cmath>

#include "leadline/ood/score_sets.hpp"

namespace leadline::ood {
namespace detail::energy {

class Run final : public ProbeRun {
 public:
  Run(Session& session, double temperature) : temperature_(temperature), tour_({}, session) {}

  std::optional<PassNeeds> next_pass() override {
    if (auto role = tour_.next()) return PassNeeds{std::move(*role), {}};
    return std::nullopt;
  }

  void observe(Context& context) override {
    const auto& seen = context.predictions();
    if (context.kind() != OutputKind::logits)
      throw CapabilityError("energy", "a model that gives logits",
                            std::string(name_of(context.kind())),
                            "remove the softmax from the model, or use a detector on activations "
                            "such as 'mahalanobis'");
    std::vector<double> scores(static_cast<std::size_t>(seen.n));
    for (std::int64_t i = 0; i < seen.n; ++i)
      scores[i] = energy_score(
          {seen.scores.data() + i * seen.n_classes, static_cast<std::size_t>(seen.n_classes)},
          temperature_);
    sets_.add(tour_.current(), context.batch().ids, scores);
    if (tour_.current() == "test")
      context.session().table().put(context.session().probe_id() + ".score", context.batch().ids,
                                    scores);
  }

  void merge(const ProbeRun& other) override { sets_.merge(dynamic_cast<const Run&>(other).sets_); }

  [[nodiscard]] std::string save() const override {
    State state("ood.Energy");
    state.set("pass", tour_.position());
    sets_.save(state);
    return state.dump();
  }
  void load(std::string_view text) override {
    const State state = State::parse(text, "ood.Energy");
    sets_.load(state);
    tour_.restore(state.integer("pass"));
  }

  Finding finish(Session& session) override { return sets_.finding("energy", session); }

 private:
  double temperature_;
  Tour tour_;
  ScoreSets sets_;
};

}  // namespace detail::energy

double energy_score(std::span<const double> logits, double temperature) {
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const double f : logits) sum += std::exp((f - top) / temperature);
  return top + temperature * std::log(sum);
}

Energy::Energy(Options options) : options_(options) { check_options("Energy", options_); }

ProbeInfo Energy::info() const {
  ProbeInfo info{"energy", "Does it notice inputs of a kind it was never taught?"};
  info.roles = {"ood"};
  info.needs_target = false;
  info.relative_cost = 1;
  info.alternative = "leadline.ood.Mahalanobis()";
  return info;
}

std::vector<std::pair<std::string, std::string>> Energy::options() const {
  return options_text(options_);
}

std::shared_ptr<ProbeRun> Energy::start(Session& session) const {
  if (session.output_kind() == OutputKind::probabilities)
    throw CapabilityError("energy", "a model that gives logits", "probabilities",
                          "remove the softmax from the model, or use 'mahalanobis'");
  return std::make_shared<detail::energy::Run>(session, options_.temperature);
}

}  // namespace leadline::ood
