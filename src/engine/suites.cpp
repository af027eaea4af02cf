// The named suites, as data: which probe, from which suite on, for which kind of data.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "leadline/core/error.hpp"
#include "leadline/engine/evaluate.hpp"

namespace leadline {
namespace detail::suites {

enum Level : int { quick, standard, deep };
constexpr std::array<std::string_view, 3> level_names{"quick", "standard", "deep"};

constexpr int image = 1, table = 2, text = 4, all = 7;

struct Line {
  Level from;      // in this suite and all larger ones, until a later line of the same id
  int modalities;  // bits
  std::string id;
  std::string name;  // in the catalog
  std::vector<NamedOption> options{};
};

using Numbers = std::vector<double>;

OptionValue count(std::int64_t n) { return n; }

/// In the order in which findings are reported. A later line of the same id and modality replaces
/// an earlier one in larger suites.
const std::vector<Line>& lines() {
  static const std::vector<Line> all_lines{
      {quick, all, "attach", "attach"},
      {deep, all, "attach", "attach", {{"rows", count(128)}}},
      {quick, all, "task", "task"},
      {quick, all, "calibration", "calibration"},
      {quick,
       image,
       "pgd",
       "pgd",
       {{"eps", Numbers{2.0 / 255, 8.0 / 255}},
        {"steps", count(10)},
        {"max_samples", count(256)},
        {"check_samples", count(64)}}},
      {standard,
       image,
       "pgd",
       "pgd",
       {{"eps", Numbers{1.0 / 255, 2.0 / 255, 4.0 / 255, 8.0 / 255}},
        {"steps", count(40)},
        {"max_samples", count(1000)}}},
      {deep,
       image,
       "pgd",
       "pgd",
       {{"eps", Numbers{0.5 / 255, 1.0 / 255, 2.0 / 255, 4.0 / 255, 8.0 / 255, 16.0 / 255}},
        {"steps", count(100)},
        {"restarts", count(5)}}},
      {standard,
       image,
       "fgsm",
       "fgsm",
       {{"eps", Numbers{1.0 / 255, 2.0 / 255, 4.0 / 255, 8.0 / 255}},
        {"max_samples", count(1000)}}},
      {standard,
       image,
       "pgd_l2",
       "pgd",
       {{"norm", std::string("l2")},
        {"eps", Numbers{0.25, 0.5, 1.0}},
        {"steps", count(40)},
        {"max_samples", count(1000)}}},
      {quick, image, "gaussian_noise", "gaussian_noise", {{"max_samples", count(1000)}}},
      {standard, image | table, "gaussian_noise", "gaussian_noise"},
      {standard,
       image,
       "corruption_benchmark",
       "corruption_benchmark",
       {{"severities", Numbers{1, 3, 5}}, {"max_samples", count(200)}}},
      {deep, image, "corruption_benchmark", "corruption_benchmark", {{"max_samples", count(2000)}}},
      {standard, all, "stress", "stress", {{"max_samples", count(500)}}},
      {deep, all, "stress", "stress"},
      {quick,
       image | table,
       "integrated_gradients",
       "integrated_gradients",
       {{"max_samples", count(64)}}},
      {standard, image | table, "integrated_gradients", "integrated_gradients"},
      {standard, image, "saliency", "saliency"},
      {quick, table, "permutation_importance", "permutation_importance"},
      {quick, image | table, "linear_probe", "linear_probe"},
      {standard, text, "linear_probe", "linear_probe"},
      {quick, all, "energy", "energy"},
      {quick, all, "mahalanobis", "mahalanobis"},
      {quick, all, "latency", "latency"},
  };
  return all_lines;
}

int bit_of(Modality modality) { return 1 << static_cast<int>(modality); }

void add(Suite& suite, const Line& line, const Catalog& catalog) {
  const Entry* entry = catalog.find(line.name);
  if (entry == nullptr || entry->kind != Kind::probe) {
    suite.add_missing(line.id, fmt::format("this build has no probe '{}': most likely it lacks the "
                                           "LibTorch half (pip install torch)",
                                           line.name));
    return;
  }
  suite.add(entry->make_probe(line.options), line.id);
}

}  // namespace detail::suites

Suite Suite::named(std::string_view name, Modality modality, const Catalog& catalog) {
  namespace data = detail::suites;
  const auto found = std::find(data::level_names.begin(), data::level_names.end(), name);
  if (found == data::level_names.end())
    throw ValueError("Suite.named", "'quick', 'standard' or 'deep'", fmt::format("'{}'", name),
                     "or add probes to a Suite of your own");
  const auto level = static_cast<int>(found - data::level_names.begin());
  std::vector<const data::Line*> chosen;
  for (const auto& line : data::lines()) {
    if (line.from > level || (line.modalities & data::bit_of(modality)) == 0) continue;
    const auto same = std::find_if(chosen.begin(), chosen.end(),
                                   [&](const auto* other) { return other->id == line.id; });
    if (same == chosen.end()) {
      chosen.push_back(&line);
    } else {
      *same = &line;
    }
  }
  Suite suite{std::string(name)};
  for (const auto* line : chosen) data::add(suite, *line, catalog);
  return suite;
}

}  // namespace leadline
