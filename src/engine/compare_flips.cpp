// The finding "flips": on which samples the decisions differ.
#include <fmt/format.h>

#include <algorithm>

#include "engine/compare_findings.hpp"
#include "leadline/core/exhibits.hpp"
#include "leadline/core/plain.hpp"

namespace leadline::detail::compare {
namespace flips {

constexpr int shown_worse = 16, shown_better = 8;  // of at most 24 exhibits
constexpr std::size_t max_flags = 200;
constexpr std::size_t max_classes = 50;  // rows of the table by class

enum class Kind { same, worse, better, both_wrong };

Kind kind_of(const Pairs& pairs, std::size_t i) {
  const bool a = pairs.a.correct[i] != 0, b = pairs.b.correct[i] != 0;
  if (a && !b) return Kind::worse;
  if (b && !a) return Kind::better;
  return !a && pairs.a.label[i] != pairs.b.label[i] ? Kind::both_wrong : Kind::same;
}

/// Flipped rows of a kind, the ones the models were most sure of first.
std::vector<std::size_t> rows_of(const Pairs& pairs, Kind kind) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < pairs.ids.size(); ++i)
    if (kind_of(pairs, i) == kind) rows.push_back(i);
  const auto& sure = kind == Kind::worse ? pairs.b.confidence : pairs.a.confidence;
  if (!sure.empty())
    std::stable_sort(rows.begin(), rows.end(), [&](auto x, auto y) { return sure[x] > sure[y]; });
  return rows;
}

std::string said(const Pairs& pairs, const Side& side, std::size_t i) {
  std::string text = fmt::format("{}: {}", side.name, pairs.class_text(side.label[i]));
  if (!side.confidence.empty()) text += fmt::format(" ({:.0f} % sure)", 100 * side.confidence[i]);
  return text;
}

void show_input(Exhibit& exhibit, const Dataset& data) {
  const DataInfo about = data.info();
  const SampleId ids[] = {exhibit.id};
  const Batch batch = data.batch(ids);
  const Tensor& inputs = batch.inputs.primary;
  if (about.modality == Modality::image) {
    if (auto image = image_of(inputs, 0, about.bounds)) {
      exhibit.kind = Exhibit::image;
      exhibit.images.push_back(std::move(*image));
      exhibit.labels = {"as given"};
      exhibit.values.clear();
    }
  } else if (inputs.rank() == 2 && inputs.size(1) <= 64 && is_floating(inputs.dtype())) {
    const Tensor row = inputs.host(DType::f64);
    for (std::int64_t f = 0; f < row.size(1); ++f) {
      exhibit.labels.push_back(f < std::ssize(about.feature_names)
                                   ? about.feature_names[static_cast<std::size_t>(f)]
                                   : fmt::format("feature {}", f));
      exhibit.values.push_back(fmt::format("{:.4g}", ArrayView(row).at(0, f)));
    }
  }
}

Exhibit exhibit_of(const Pairs& pairs, std::size_t i, Kind kind, const Dataset* data,
                   double severity) {
  Exhibit exhibit;
  exhibit.kind = Exhibit::row;
  exhibit.id = pairs.ids[i];
  exhibit.severity = severity;
  exhibit.title = fmt::format("got {}: is {}", kind == Kind::worse ? "worse" : "better",
                              pairs.class_text(pairs.label[i]));
  exhibit.caption = said(pairs, pairs.a, i) + "; " + said(pairs, pairs.b, i);
  exhibit.labels = {"is", pairs.a.name, pairs.b.name};
  exhibit.values = {pairs.class_text(pairs.label[i]), pairs.class_text(pairs.a.label[i]),
                    pairs.class_text(pairs.b.label[i])};
  if (data != nullptr && data->info().random_access) {
    try {
      show_input(exhibit, *data);
    } catch (const std::exception&) {
      // a data set that lost the sample: the text stays
    }
  }
  return exhibit;
}

void show(Finding& finding, const Pairs& pairs, Kind kind, int n, const Dataset* data) {
  const auto rows = rows_of(pairs, kind);
  const auto& sure = kind == Kind::worse ? pairs.b.confidence : pairs.a.confidence;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double severity = (sure.empty() ? 1.0 : sure[rows[r]]) + (kind == Kind::worse ? 1 : 0);
    if (r < static_cast<std::size_t>(n))
      finding.blocks.emplace_back(exhibit_of(pairs, rows[r], kind, data, severity));
    if (kind == Kind::worse && r < max_flags)
      finding.flags.push_back({pairs.ids[rows[r]],
                               fmt::format("got worse: {}; {}", said(pairs, pairs.a, rows[r]),
                                           said(pairs, pairs.b, rows[r])),
                               severity});
  }
  if (kind == Kind::worse && rows.size() > max_flags)
    finding.warnings.push_back(
        fmt::format("of {} samples that got worse {} are flagged; all: "
                    "comparison.flips.worse",
                    rows.size(), max_flags));
}

/// Counts by class, those that lost most first.
TableBlock class_table(const Pairs& pairs) {
  struct Line {
    std::int64_t n = 0, worse = 0, better = 0, both_wrong = 0;
  };
  std::map<std::int64_t, Line> lines;
  for (std::size_t i = 0; i < pairs.ids.size(); ++i) {
    Line& line = lines[pairs.label[i]];
    ++line.n;
    const Kind kind = kind_of(pairs, i);
    line.worse += kind == Kind::worse;
    line.better += kind == Kind::better;
    line.both_wrong += kind == Kind::both_wrong;
  }
  std::vector<std::pair<std::int64_t, Line>> sorted(lines.begin(), lines.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& x, const auto& y) {
    return x.second.worse - x.second.better > y.second.worse - y.second.better;
  });
  TableBlock table;
  table.title = "Flips by class";
  table.columns = {"class", "samples", "got worse", "got better", "both wrong, differently", "net"};
  if (sorted.size() > max_classes) {
    table.note = fmt::format("{} of {} classes, those that lost most.", max_classes, sorted.size());
    sorted.resize(max_classes);
  }
  for (const auto& [label, line] : sorted)
    table.rows.push_back({pairs.class_text(label), line.n, line.worse, line.better, line.both_wrong,
                          line.better - line.worse});
  return table;
}

}  // namespace flips

Finding flips_finding(const Pairs& pairs, const CompareOptions& options, const Dataset* data) {
  Finding finding;
  finding.probe = "flips";
  finding.kind = "compare.flips";
  finding.question = "Which samples got worse, which got better?";
  if (!pairs.classes)
    return absent_finding(finding.probe, finding.kind, finding.question, Status::not_measured,
                          "models of numbers have no right and wrong answers");
  const auto counts = count_pairs(pairs);
  const std::int64_t n = counts.n();
  std::int64_t both_wrong = 0;
  for (std::size_t i = 0; i < pairs.ids.size(); ++i)
    both_wrong += flips::kind_of(pairs, i) == flips::Kind::both_wrong;
  const auto rate = [&](std::string name, std::int64_t k, std::int64_t of, Better better,
                        std::string label) {
    finding.add(std::move(name), Estimate::rate(k, of, "wilson", options.level), better,
                std::move(label));
  };
  rate("negative_flip_rate", counts.only_first, n, Better::lower,
       "share that the first model read correctly and the second does not");
  rate("positive_flip_rate", counts.only_second, n, Better::higher,
       "share that only the second model reads correctly");
  if (counts.both + counts.only_first > 0)
    rate("broken_rate", counts.only_first, counts.both + counts.only_first, Better::lower,
         "of the samples that were right, the share that is wrong now");
  rate("both_wrong_differently", both_wrong, n, Better::neither,
       "share that both read wrongly, in different ways");
  rate("disagreement", counts.only_first + counts.only_second + both_wrong, n, Better::neither,
       "share on which the decisions differ");
  finding.headline = fmt::format(
      "{} samples that were right are wrong now, {} that were wrong are right now, of {}.",
      counts.only_first, counts.only_second, n);
  if (counts.only_first > 0)
    finding.consequence = fmt::format(
        "Users who relied on the old answers see {} new mistakes, even where the average is as "
        "good.",
        counts.only_first);
  finding.remedies.push_back(
      {"Look at the samples that got worse before the second model replaces the first.",
       "comparison.flips.worse"});
  TableBlock table;
  table.title = "Right and wrong, both models";
  table.columns = {"", pairs.b.name + " right", pairs.b.name + " wrong"};
  table.rows = {{pairs.a.name + " right", counts.both, counts.only_first},
                {pairs.a.name + " wrong", counts.only_second, counts.neither}};
  finding.blocks.emplace_back(std::move(table));
  finding.blocks.emplace_back(flips::class_table(pairs));
  flips::show(finding, pairs, flips::Kind::worse, flips::shown_worse, data);
  flips::show(finding, pairs, flips::Kind::better, flips::shown_better, data);
  return finding;
}

}  // namespace leadline::detail::compare
