#include "engine/run_session.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "leadline/core/error.hpp"
#include "leadline/stats/random.hpp"

namespace leadline {

SharedData::~SharedData() = default;
KeepsArtefacts::~KeepsArtefacts() = default;

std::string artefact_folder(Session& session) {
  auto* keeps = dynamic_cast<KeepsArtefacts*>(&session);
  return keeps == nullptr ? std::string() : keeps->artefact_folder();
}

}  // namespace leadline

namespace leadline::detail::engine {

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

RunSession::RunSession(std::shared_ptr<Subject> subject, DatasetPtr data,
                       const EvaluateOptions& options)
    : subject_(std::move(subject)), options_(options), start_(Clock::now()) {
  roles_.emplace("test", std::move(data));
  for (const auto& [role, also] : options.also) roles_.emplace(role, also);
}

DatasetPtr RunSession::data_handle(std::string_view role) const {
  const auto found = roles_.find(role);
  if (found == roles_.end())
    throw CapabilityError("Session.data", fmt::format("data in the role '{}'", role),
                          fmt::format("the roles {}", fmt::join(roles(), ", ")),
                          fmt::format("leadline.evaluate(..., also={{\"{}\": data}})", role));
  return found->second;
}

std::vector<std::string> RunSession::roles() const {
  std::vector<std::string> names;
  for (const auto& [role, data] : roles_) names.push_back(role);
  return names;
}

stats::Rng RunSession::rng(std::string_view stream, SampleId id) const {
  return stats::Rng(options_.seed, fmt::format("{}/{}", probe_id_, stream), id);
}

std::span<const SampleId> RunSession::order(std::string_view role, bool whole) {
  auto& orders = whole ? whole_orders_ : shard_orders_;
  if (const auto found = orders.find(role); found != orders.end()) return found->second;
  const DataInfo about = data(role).info();
  std::vector<SampleId> ids;
  if (about.random_access && about.size) {
    const stats::Permutation permutation(*about.size, options_.seed, fmt::format("order/{}", role));
    const std::int64_t step = whole ? 1 : options_.shard.count;
    for (std::int64_t i = whole ? 0 : options_.shard.rank; i < *about.size; i += step)
      ids.push_back(permutation(i));
  }
  return orders.emplace(std::string(role), std::move(ids)).first->second;
}

void RunSession::serve(const std::string& probe_id, Cost* cost, bool whole) {
  probe_id_ = probe_id;
  cost_ = cost;
  whole_ = whole;
}

void RunSession::begin_stage(double share) {
  reason_ = {};
  if (!options_.time_budget) return;
  const double left = std::max(0.0, *options_.time_budget - seconds());
  deadline_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>(left * share));
}

bool RunSession::stopping() {
  if (cancelled()) {
    reason_ = "cancelled";
  } else if (deadline_ && Clock::now() >= *deadline_) {
    reason_ = "time budget";
    out_of_time_ = true;
  }
  return !reason_.empty();
}

void RunSession::checkpoint(const ProbeRun& run) {
  if (on_checkpoint) on_checkpoint(run);
}

void RunSession::report_progress(std::string_view stage, std::int64_t done, std::int64_t total) {
  if (!options_.on_progress || interrupt_) return;
  try {
    options_.on_progress({stage, done, total, seconds()});
  } catch (...) {
    interrupt(std::current_exception());
  }
}

void RunSession::interrupt(std::exception_ptr error) {
  if (!interrupt_) interrupt_ = std::move(error);
  interrupted_ = true;
}

void RunSession::rethrow_interrupt() const {
  if (interrupt_) std::rethrow_exception(interrupt_);
}

void RunSession::progress(std::int64_t done, std::int64_t total) {
  report_progress(probe_id_, done, total);
}

std::string RunSession::artefact_folder() {
  if (options_.out.empty()) return {};
  const std::string folder = fmt::format("{}/artefacts/{}", options_.out, probe_id_);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw StoreError("Session.artefact_folder", "a folder that can be written at '" + folder + "'",
                     error.message(), "make it writable, or choose another out=");
  return folder;
}

void RunSession::count_forwards(std::int64_t rows) {
  if (cost_ != nullptr) cost_->forwards += rows;
}

void RunSession::count_backwards(std::int64_t rows) {
  if (cost_ != nullptr) cost_->backwards += rows;
}

}  // namespace leadline::detail::engine
