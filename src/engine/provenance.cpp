// What a reader needs to know to run it again, and how the limits came out.
#include <fmt/format.h>

#include "engine/run.hpp"
#include "engine/text.hpp"

namespace leadline::detail::engine {

void Run::fill_provenance(Report& report) const {
  const auto add = [&](std::string name, std::string value) {
    report.provenance.emplace_back(std::move(name), std::move(value));
  };
  add("leadline.version", LEADLINE_VERSION);
  add("run.identity", identity());
  add("model.name", about_.name);
  add("model.backend", about_.backend);
  add("model.digest", about_.digest.empty() ? "none" : about_.digest);
  add("model.access", text_of(about_.access));
  add("model.output", std::string(name_of(session_.kind_)));
  for (const auto& note : subject_->notes()) add("model.note", note);
  add("device", about_.device);
  for (const auto& role : session_.roles()) {
    const DataInfo about = session_.data(role).info();
    const std::string prefix = "data." + role + ".";
    add(prefix + "name", about.name);
    add(prefix + "size", about.size ? std::to_string(*about.size) : "stream");
    add(prefix + "fingerprint", about.fingerprint.empty() ? "none" : about.fingerprint);
  }
  add("suite", suite_name_);
  add("seed", std::to_string(options_.seed));
  add("level", fmt::format("{}", options_.level));
  add("batch_size", std::to_string(options_.batch_size));
  if (options_.shard.count > 1)
    add("shard", fmt::format("{} of {}", options_.shard.rank, options_.shard.count));
  if (options_.time_budget) add("time_budget", fmt::format("{} s", *options_.time_budget));
  std::int64_t forwards = pass_forwards_, backwards = 0;
  for (const auto& slot : slots_) {
    forwards += slot.cost.forwards;
    backwards += slot.cost.backwards;
  }
  for (const auto& [role, rows] : pass_rows_) add("run.rows." + role, std::to_string(rows));
  add("run.pass_forwards", std::to_string(pass_forwards_));
  add("run.forwards", std::to_string(forwards));
  add("run.backwards", std::to_string(backwards));
  if (resumed_ > 0) add("run.resumed", std::to_string(resumed_));
  for (const auto& slot : slots_)
    for (const auto& why : slot.failures) add("run.retried." + slot.item.id, why);
  add("seconds.total", fmt::format("{:.3f}", seconds_before_ + session_.seconds()));
  for (const auto& [name, value] : options_.provenance) add(name, value);
}

}  // namespace leadline::detail::engine
