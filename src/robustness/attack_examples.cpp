#include "attack_examples.hpp"

#include "attack_space.hpp"
#include "leadline/core/artefacts.hpp"

namespace leadline::detail::attack_run {
namespace {

/// The examples as a file gives them back: one that the run directory keeps, or a temporary one.
Tensor read_back(Session& session, const Tensor& examples, std::span<const SampleId> ids,
                 stored_examples::Artefacts& artefacts, std::set<std::string>& notes) {
  const std::string folder = artefact_folder(session);
  if (folder.empty()) {
    const auto read = stored_examples::through_file(examples);
    if (!read.why.empty())
      notes.insert("the examples were verified from memory, not from disk: " + read.why);
    return read.examples;
  }
  const auto read =
      stored_examples::through_artefacts(examples, ids, folder, session.probe_id(), artefacts);
  if (!read.why.empty()) notes.insert("the examples were not kept: " + read.why);
  return read.examples;
}

}  // namespace

Examples::Examples(std::span<Record* const> order, std::size_t most) : most_(most) {
  for (std::size_t i = 0; i < order.size(); ++i) rank_[order[i]->id] = i;
}

void Examples::keep(const AttackResult& result, const Tensor& adversarial) {
  kept_.insert_or_assign(rank_.at(result.row.id),
                         Example{result.row, result.fooled_at, adversarial, result.point});
  if (kept_.size() > most_) kept_.erase(std::prev(kept_.end()));
}

void Examples::verify(const Bench& bench, Tally& tally, stored_examples::Artefacts& artefacts,
                      std::set<std::string>& notes) const {
  if (kept_.empty()) return;
  std::vector<SampleId> ids;
  std::vector<AttackRow> rows;
  std::vector<double> eps;
  std::vector<Tensor> adversarial;
  std::vector<std::vector<double>> points;
  for (const auto& [rank, example] : kept_) {
    ids.push_back(example.row.id);
    rows.push_back(example.row);
    eps.push_back(example.eps);
    adversarial.push_back(example.adversarial);
    points.push_back(example.point);
  }
  const auto read =
      read_back(bench.session, attack_space::join_rows(adversarial), ids, artefacts, notes);
  const auto seen = robustness::verify_examples(bench.model, bench.plan, rows, eps,
                                                bench.fetch(ids), read, repeats_of_success, points);
  bench.session.count_forwards(seen.n * (1 + repeats_of_success) + seen.rounded_n);
  tally.seen_n += seen.n;
  tally.too_far += seen.too_far;
  tally.outside += seen.out_of_bounds;
  tally.not_fooled += seen.not_fooled;
  tally.repeat_n += seen.n;
  for (const std::int64_t again : seen.repeats_fooled) {
    tally.repeat_fooled += again;
    tally.repeat_square += again * again;
  }
  tally.byte_n += seen.rounded_n;
  tally.byte_fooled += seen.rounded_fooled;
}

}  // namespace leadline::detail::attack_run
