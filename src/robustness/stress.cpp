#include "leadline/robustness/stress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <set>

#include "leadline/core/error.hpp"
#include "leadline/core/plain.hpp"
#include "leadline/robustness/text_rows.hpp"
#include "leadline/stats/random.hpp"
#include "robustness/corruption/images.hpp"
#include "stress/kinds.hpp"
#include "stress/plan.hpp"

namespace leadline::detail::stress {
namespace {

using robustness::StressKind;
using robustness::StressSettings;

/// Means and spreads of the columns over up to 2000 samples, the same in every shard.
void learn(Session& session, StressSettings& settings) {
  const Dataset& data = session.data(session.has("train") ? "train" : "test");
  const std::int64_t n = data.info().size.value_or(0);
  if (n <= 0) return;
  const stats::Permutation rank(n, session.seed(), "stress/columns");
  std::vector<SampleId> ids;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(n, 2000); ++i) ids.push_back(rank.inverse(i));
  std::ranges::sort(ids);
  const Tensor host = data.batch(ids).inputs.primary.host();
  const auto columns = static_cast<std::size_t>(host.size(host.rank() - 1));
  if (columns == 0 || !is_floating(host.dtype())) return;
  std::vector<double> sum(columns), square(columns);
  double count = 0;
  visit(ArrayView(host), [&](const auto* values) {
    for (std::int64_t i = 0; i < host.n_elements(); ++i) {
      const auto c = static_cast<std::size_t>(i) % columns;
      const auto value = static_cast<double>(values[i]);
      count += c == 0;
      const double delta = value - sum[c];
      sum[c] += delta / count;
      square[c] += delta * (value - sum[c]);
    }
  });
  for (double& value : square) value = std::sqrt(value / count);
  settings.means = std::move(sum);
  settings.spreads = std::move(square);
}

/// Why a kind means nothing for inputs like `one`; "" when it does.
std::string why_not(StressKind kind, const Tensor& one, Modality modality) {
  const bool image = modality == Modality::image && one.rank() >= 3;
  if (is_text(kind) || are_texts(one, modality)) {
    if (is_text(kind) && are_texts(one, modality)) return "";
    return is_text(kind) ? "the inputs are no texts as rows of bytes (text_rows)"
                         : "the inputs are texts";
  }
  if (is_image(kind)) {
    if (!image) return "the inputs are no images";
    const int channels = corruption::image_layout("stress", one).channels;
    return kind == StressKind::lost_channel && channels == 1 ? "grey images have one channel" : "";
  }
  if (image) return "the inputs are images";
  if (!is_floating(one.dtype())) return "codes have no mean";
  if (is_table(kind)) {
    if (one.rank() != 2) return "the inputs are no rows";
    return kind == StressKind::swapped_columns && one.size(1) < 2 ? "the rows have one column" : "";
  }
  return one.rank() == 2 || one.rank() == 3 ? "" : "the inputs are no series";
}

/// What fits: images, texts, series (three dimensions) or rows.
std::vector<std::string> fitting(const Tensor& one, Modality modality) {
  if (modality == Modality::text || are_texts(one, modality)) return {"text"};
  if (modality == Modality::image && one.rank() >= 3) return {"image"};
  return {one.rank() == 3 ? "series" : "table"};
}

/// An answer without case, runs of spaces, and the marks at its end.
std::string plain_answer(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0)
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '.' || out.back() == '!'))
    out.pop_back();
  return out;
}

/// Answers of a text model as labels: equal answers, equal labels. The words of the latest ones are
/// kept, to be shown.
struct Answered {
  std::map<std::int64_t, std::string> words;

  std::int64_t label(const std::string& text) {
    const std::string plain = plain_answer(text);
    const auto label = static_cast<std::int64_t>(stats::hash64(plain) >> 1U);
    if (words.size() > 100'000) words.clear();
    words.emplace(label, plain.size() > 200 ? plain.substr(0, 200) + "..." : plain);
    return label;
  }
};

/// Lets the plan ask a `TextModel`, if the subject is one.
void ask_texts(Session& session, Plan& plan) {
  auto model = std::dynamic_pointer_cast<TextModel>(session.subject_handle());
  if (!model) return;
  const auto answered = std::make_shared<Answered>();
  plan.stand_in = std::make_shared<robustness::TextClassifier>(
      std::move(model), [answered](const std::string& text) { return answered->label(text); });
  plan.word = [answered](std::int64_t label) {
    const auto found = answered->words.find(label);
    return found == answered->words.end() ? std::string("another answer") : found->second;
  };
}

}  // namespace
}  // namespace leadline::detail::stress

namespace leadline::robustness {

Stress::Stress(Options options) : options_(std::move(options)) {
  check_options("Stress", options_);
  auto& severities = options_.severities;
  std::ranges::sort(severities);
  if (severities.empty() || std::ranges::adjacent_find(severities) != severities.end())
    throw ValueError("Stress", "different severities, at least one",
                     severities.empty() ? "none" : "one twice", "[1, 3, 5] is usual");
  (void)stress_kinds_of("Stress", options_.stresses);
}

Stress::Stress(std::vector<Transformation> transformations, Options options)
    : Stress(std::move(options)) {
  if (transformations.empty()) throw TypeError("Stress", "at least one transformation", "none", "");
  std::set<std::string> names;
  for (const Transformation& one : transformations) {
    if (!one.change)
      throw TypeError("Stress", "a function for '" + one.name + "'", "an empty one", "");
    if (one.name.empty() || !names.insert(one.name).second)
      throw ValueError("Stress", "a name of its own for each transformation", "'" + one.name + "'",
                       "name each once");
  }
  own_ = std::make_shared<const std::vector<Transformation>>(std::move(transformations));
}

ProbeInfo Stress::info() const {
  ProbeInfo info;
  info.name = "stress";
  info.question = "Does it still answer alike when inputs are damaged as they are in use?";
  info.access = Access::none;  // labels or texts: what the subject gives is asked in `start`
  info.needs_target = false;
  info.needs_random_access = true;
  info.relative_cost =
      2 + static_cast<double>((own_ ? own_->size() : 5) * options_.severities.size());
  return info;
}

std::vector<std::pair<std::string, std::string>> Stress::options() const {
  auto out = options_text(options_);
  for (std::size_t i = 0; own_ && i < own_->size(); ++i)
    out.emplace_back("transformation." + (*own_)[i].name,
                     leadline::text_of(OptionValue((*own_)[i].version)));
  return out;
}

std::shared_ptr<ProbeRun> Stress::start(Session& session) const {
  using namespace leadline::detail::stress;
  const DataInfo data = session.data().info();
  Plan plan;
  plan.probe = plan.key = "stress";
  plan.severities = options_.severities;
  plan.max_samples = options_.max_samples;
  plan.rare = true;
  ask_texts(session, plan);
  if (!plan.stand_in) (void)session.subject_as<Model>();
  const std::uint64_t seed = session.seed();
  if (own_) {
    for (const Transformation& one : *own_)
      plan.kinds.push_back({plain::key_value(one.name), false, ""});
    plan.change = [own = own_, seed](const Batch& batch, std::size_t k, double severity) {
      return Inputs((*own)[k].change(batch.inputs.primary, batch.ids, severity, seed),
                    batch.inputs.extras);
    };
    return std::make_shared<PlanRun>(std::move(plan), session);
  }
  StressSettings settings{.seed = seed, .bounds = data.bounds};
  auto names = options_.stresses;
  std::vector<StressKind> kinds = stress_kinds_of("Stress", names);
  if (data.size.value_or(0) > 0) {
    const auto ids = session.ids();
    const SampleId first = ids.empty() ? 0 : ids.front();
    const Tensor one = session.data().batch({&first, 1}).inputs.primary;
    if (names.empty()) kinds = stress_kinds_of("Stress", names = fitting(one, data.modality));
    for (const StressKind kind : kinds)
      plan.kinds.push_back({std::string(name_of(kind)), kind == StressKind::resolution,
                            why_not(kind, one, data.modality)});
    const bool columns =
        std::ranges::any_of(kinds, [](StressKind k) { return !is_image(k) && !is_text(k); });
    if (columns && one.rank() >= 2 && !are_texts(one, data.modality)) learn(session, settings);
  }
  plan.change = [kinds, settings](const Batch& batch, std::size_t k, double severity) {
    return Inputs(robustness::stress(batch.inputs.primary, kinds[k], severity, batch.ids, settings),
                  batch.inputs.extras);
  };
  return std::make_shared<PlanRun>(std::move(plan), session);
}

}  // namespace leadline::robustness
