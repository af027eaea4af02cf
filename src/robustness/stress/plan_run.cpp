#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/own_loop.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/text_rows.hpp"
#include "plan.hpp"

namespace leadline::detail::stress {

/// One batch: the answers when nothing is changed and in each condition.
struct PlanRun::Answers {
  const Batch& batch;
  const std::vector<std::int64_t>& clean;
  const std::vector<std::int64_t>& target;       // empty: no labels
  std::vector<std::vector<std::int64_t>> label;  // [kind * n_severities + s][sample]; may be empty
};

PlanRun::PlanRun(Plan plan, Session& session)
    : plan_(std::move(plan)), data_(session.data().info()), exhibits_(session.seed()) {
  const std::size_t kinds = plan_.kinds.size(), all = kinds + 1;
  cells_.resize(kinds * plan_.severities.size());
  products_.resize(all * all);
  sums_.resize(all);
  changed_.resize(kinds);
  changed_squared_.resize(kinds);
  flips_.resize(plan_.sequences.size());
  flip_products_.resize(plan_.sequences.size() * plan_.sequences.size());
}

void PlanRun::work(Session& session) {
  const auto ids = own_loop::chosen_ids(session, plan_.max_samples);
  n_total_ = std::ssize(ids);
  own_loop::visit_batches(session, *this, ids, session.batch_size(), next_,
                          [&](const Batch& batch) { visit_batch(session, batch); });
}

Predictions PlanRun::answer(Session& session, const Batch& batch, const Inputs& inputs) {
  session.count_forwards(batch.size());
  if (plan_.stand_in)
    return predictions_of(plan_.stand_in->forward(inputs).output, OutputKind::labels, {},
                          batch.ids);
  return predictions_of(session.subject_as<Model>().forward(inputs).output, session.output_kind(),
                        batch.target, batch.ids);
}

void PlanRun::visit_batch(Session& session, const Batch& batch) {
  const auto answer = [&](const Inputs& inputs) { return this->answer(session, batch, inputs); };
  const Predictions clean = answer(batch.inputs);
  Answers answers{batch, clean.label, clean.target, {}};
  answers.label.resize(cells_.size());
  const Tensor before = batch.inputs.primary.host();
  see_range(before);
  bool tried_zero = false;
  for (std::size_t k = 0; k < plan_.kinds.size(); ++k) {
    if (!used(k)) continue;
    const Inputs zero = plan_.change(batch, k, 0);
    Cell untouched;
    look_at(before, zero.primary, untouched);
    n_zero_inputs_ += batch.size() - untouched.same_input;
    if (!tried_zero) {
      const auto again = answer(zero).label;
      for (std::size_t i = 0; i < again.size(); ++i) n_zero_answers_ += again[i] != clean.label[i];
      tried_zero = true;
    }
    for (std::size_t s = 0; s < plan_.severities.size(); ++s) {
      const std::size_t cell = k * plan_.severities.size() + s;
      const Inputs inputs = plan_.change(batch, k, plan_.severities[s]);
      look_at(before, inputs.primary, cells_[cell]);
      answers.label[cell] = answer(inputs).label;
      show(answers, k, s, inputs);
    }
  }
  visit_sequences(session, batch);
  fold(session, answers);
}

void PlanRun::see_range(const Tensor& inputs) {
  visit(ArrayView(inputs), [&](const auto* values) {
    for (std::int64_t i = 0; i < inputs.n_elements(); ++i) {
      lowest_ = std::min(lowest_, static_cast<double>(values[i]));
      highest_ = std::max(highest_, static_cast<double>(values[i]));
    }
  });
}

/// Counts the samples that a change left as they were, to a thousandth of the bounds, and the
/// values that it moved out of them.
void PlanRun::look_at(const Tensor& before, const Tensor& after, Cell& cell) {
  const Tensor host = after.host();
  if (are_texts(before, data_.modality) && are_texts(host, data_.modality) &&
      host.size(0) == before.size(0)) {
    const auto old = robustness::texts_of(before), now = robustness::texts_of(host);
    for (std::size_t i = 0; i < old.size(); ++i) cell.same_input += old[i] == now[i];
    return;
  }
  if (host.dtype() != before.dtype() || !std::ranges::equal(host.shape(), before.shape()))
    throw DataError(plan_.probe, "changed inputs like the given ones, " + before.describe(),
                    host.describe(), "a transformation keeps shape and dtype");
  const double low = data_.bounds ? data_.bounds->first : 0;
  const double high = data_.bounds ? data_.bounds->second : 0, slop = 1e-3 * (high - low);
  const std::int64_t n = before.size(0), row = before.n_elements() / std::max<std::int64_t>(1, n);
  visit(ArrayView(host), [&](const auto* values) {
    const auto* old = static_cast<decltype(values)>(before.layout().data);
    for (std::int64_t i = 0; i < n; ++i) {
      bool same = true;
      for (std::int64_t k = i * row; k < (i + 1) * row; ++k) {
        const auto value = static_cast<double>(values[k]);
        same &= std::abs(value - static_cast<double>(old[k])) <= slop;
        n_outside_ += data_.bounds && !(value >= low - slop && value <= high + slop);
      }
      cell.same_input += same;
    }
  });
}

void PlanRun::visit_sequences(Session& session, const Batch& batch) {
  const auto n = static_cast<std::size_t>(batch.size());
  std::vector<std::vector<std::int64_t>> counts;  // [sequence][sample]
  const int first = (robustness::n_perturbation_frames - plan_.frames) / 2;
  for (std::size_t q = 0; q < plan_.sequences.size(); ++q) {
    const auto kind = plan_.sequences[q];
    std::vector<std::int64_t> compared, flips(n, 0);
    for (int f = 0; f < plan_.frames; ++f) {
      const int frame = compares_with_first(kind) ? f : first + f;
      const Inputs inputs(robustness::perturb(batch.inputs.primary, kind, frame, batch.ids,
                                              session.seed(), data_.bounds),
                          batch.inputs.extras);
      auto label = answer(session, batch, inputs).label;
      for (std::size_t i = 0; f > 0 && i < label.size(); ++i) flips[i] += label[i] != compared[i];
      if (f == 0 || !compares_with_first(kind)) compared = std::move(label);
    }
    counts.push_back(std::move(flips));
  }
  const std::size_t all = counts.size();
  for (std::size_t q = 0; q < all; ++q)
    for (std::size_t i = 0; i < n; ++i) {
      flips_[q] += counts[q][i];
      for (std::size_t p = 0; p < all; ++p)
        flip_products_[q * all + p] += counts[q][i] * counts[p][i];
    }
}

/// How often sample `i` is right and how often its answer changes under kind `k`.
PlanRun::Tally PlanRun::count(const Answers& answers, std::size_t i, std::size_t k) {
  const std::size_t severities = plan_.severities.size();
  const bool has_target = !answers.target.empty();
  const bool clean = has_target && answers.clean[i] == answers.target[i];
  Tally tally;
  bool before = clean;
  for (std::size_t s = 0; s < severities && used(k); ++s) {
    Cell& cell = cells_[k * severities + s];
    const std::int64_t label = answers.label[k * severities + s][i];
    const bool now = has_target && label == answers.target[i];
    const bool changed = label != answers.clean[i];
    cell.right += now;
    cell.changed += changed;
    cell.gains += now && !clean;
    cell.losses += clean && !now;
    cell.up += now && !before;
    cell.down += before && !now;
    tally.right += now;
    tally.changed += changed;
    before = now;
  }
  return tally;
}

void PlanRun::fold(Session& session, const Answers& answers) {
  const auto n = static_cast<std::size_t>(answers.batch.size());
  const std::size_t kinds = plan_.kinds.size();
  const bool has_target = !answers.target.empty();
  const auto conditions =
      static_cast<double>(std::max<std::size_t>(1, n_used() * plan_.severities.size()));
  std::vector<double> share_right(n), share_changed(n);
  std::vector<std::int64_t> right(kinds + 1);
  for (std::size_t i = 0; i < n; ++i) {
    Tally all;
    for (std::size_t k = 0; k < kinds; ++k) {
      const Tally tally = count(answers, i, k);
      right[k] = tally.right;
      changed_[k] += tally.changed;
      changed_squared_[k] += tally.changed * tally.changed;
      all.right += tally.right;
      all.changed += tally.changed;
    }
    share_right[i] = static_cast<double>(all.right) / conditions;
    share_changed[i] = static_cast<double>(all.changed) / conditions;
    right[kinds] = has_target && answers.clean[i] == answers.target[i];
    n_clean_right_ += right[kinds];
    for (std::size_t a = 0; a <= kinds; ++a) {
      sums_[a] += right[a];
      for (std::size_t b = 0; b <= kinds; ++b)
        products_[a * (kinds + 1) + b] += right[a] * right[b];
    }
  }
  n_ += answers.batch.size();
  if (has_target) {
    n_labelled_ += answers.batch.size();
    fold_classes(answers);
    session.table().put(session.probe_id() + ".correct", answers.batch.ids, share_right);
  }
  session.table().put(session.probe_id() + ".changed", answers.batch.ids, share_changed);
}

void PlanRun::fold_classes(const Answers& answers) {
  const std::size_t kinds = plan_.kinds.size(), severities = plan_.severities.size();
  for (std::size_t i = 0; i < answers.target.size(); ++i) {
    auto& counts = classes_[answers.target[i]];
    counts.resize(2 + kinds);
    ++counts[0];
    counts[1] += answers.clean[i] == answers.target[i];
    for (std::size_t k = 0; k < kinds; ++k)
      for (std::size_t s = 0; s < severities && used(k); ++s)
        counts[2 + k] += answers.label[k * severities + s][i] == answers.target[i];
  }
}

/// Keeps samples that a mild change misleads: the milder, the worse.
void PlanRun::show(const Answers& answers, std::size_t kind, std::size_t s, const Inputs& inputs) {
  const double severity = plan_.severities[s], worse = 1 / std::max(severity, 1e-9);
  const auto& label = answers.label[kind * plan_.severities.size() + s];
  const auto name = [&](std::int64_t c) {
    if (plan_.word) return plan_.word(c);
    return c >= 0 && c < std::ssize(data_.class_names)
               ? data_.class_names[static_cast<std::size_t>(c)]
               : std::to_string(c);
  };
  for (std::size_t i = 0; i < label.size(); ++i) {
    const SampleId id = answers.batch.ids[i];
    if (label[i] == answers.clean[i] || !exhibits_.wants(id, worse)) continue;
    if (!answers.target.empty() && answers.clean[i] != answers.target[i]) continue;
    Exhibit exhibit;
    exhibit.kind = Exhibit::row;
    exhibit.id = id;
    exhibit.severity = worse;
    exhibit.title = fmt::format("{} becomes {}", name(answers.clean[i]), name(label[i]));
    exhibit.caption =
        fmt::format("sample {}, {} at severity {:g}", id, plan_.kinds[kind].name, severity);
    const auto row = static_cast<std::int64_t>(i);
    auto before = image_of(answers.batch.inputs.primary, row, data_.bounds);
    auto after = image_of(inputs.primary, row, data_.bounds);
    if (data_.modality == Modality::image && before && after) {
      exhibit.kind = Exhibit::image;
      exhibit.images = {std::move(*before), std::move(*after)};
      exhibit.labels = {name(answers.clean[i]), name(label[i])};
    } else if (are_texts(answers.batch.inputs.primary, data_.modality)) {
      const auto text = [&](const Inputs& of) {
        return robustness::texts_of(of.primary.rows(row, 1)).front();
      };
      exhibit.labels = {"text", "answer", "changed text", "answer then"};
      exhibit.values = {text(answers.batch.inputs), name(answers.clean[i]), text(inputs),
                        name(label[i])};
    }
    exhibits_.add(std::move(exhibit));
  }
}

}  // namespace leadline::detail::stress
