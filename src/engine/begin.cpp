// What of the suite can run on this subject and data, and the first look at them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "engine/run.hpp"
#include "engine/text.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/fingerprint.hpp"

namespace leadline::detail::engine {

Run::Run(std::shared_ptr<Subject> subject, DatasetPtr data, const Suite& suite,
         const EvaluateOptions& options)
    : subject_(std::move(subject)),
      data_(std::move(data)),
      options_(options),
      suite_name_(suite.name()),
      session_(subject_, data_, options_),
      started_(now_utc()),
      last_save_(Clock::now()) {
  if (!subject_) throw TypeError("evaluate", "a subject", "none", "pass a model");
  if (!data_) throw TypeError("evaluate", "a data set", "none", "pass data for the role 'test'");
  for (const auto& [role, also] : options_.also) check_role(role, also != nullptr);
  if (options_.batch_size < 1)
    throw ValueError("evaluate", "batch_size >= 1", std::to_string(options_.batch_size), "use 128");
  if (!(options_.level > 0 && options_.level < 1))
    throw ValueError("evaluate", "level in (0, 1)", fmt::format("{}", options_.level), "use 0.95");
  if (options_.time_budget && !(*options_.time_budget > 0))
    throw ValueError("evaluate", "a time budget above 0 s",
                     fmt::format("{} s", *options_.time_budget), "leave it out for no limit");
  const auto [rank, count] = options_.shard;
  if (count < 1 || rank < 0 || rank >= count)
    throw ValueError("evaluate", "a shard with 0 <= rank < count",
                     fmt::format("rank {} of {}", rank, count), "count ranks from 0");
  if (suite.items().empty())
    throw ValueError("evaluate", "a suite with at least one probe", "an empty suite",
                     "add probes, or use Suite::named(\"quick\", ...)");
  about_ = subject_->info();
  for (const auto& item : suite.items()) slots_.emplace_back().item = item;
}

/// What a subject offers once its first outputs were seen: decisions have neither scores nor
/// gradients.
Access offered(Access declared, OutputKind kind) {
  auto bits = static_cast<std::uint16_t>(declared);
  if (offers(declared, Access::outputs)) bits |= static_cast<std::uint16_t>(Access::labels);
  if (kind == OutputKind::labels)
    bits &= ~static_cast<std::uint16_t>(Access::outputs | Access::gradients);
  return static_cast<Access>(bits);
}

/// The absence of what a probe needs, as a finding; nullopt: it can run.
std::optional<Finding> Run::cannot_run(const Slot& slot) {
  const auto absent = [&](std::string why, std::vector<Remedy> remedies) {
    return absent_finding(slot.item.id, slot.info.name, slot.info.question, Status::not_measured,
                          std::move(why), std::move(remedies));
  };
  const Access given = offered(about_.access, session_.output_kind());
  if (!offers(given, slot.info.access)) {
    std::vector<Remedy> remedies;
    if (!slot.info.alternative.empty())
      remedies.push_back(
          {"Use a probe that needs less access.", "leadline." + slot.info.alternative});
    return absent(fmt::format("it needs {}, and the model '{}' offers {} only",
                              text_of(slot.info.access), about_.name, text_of(given)),
                  std::move(remedies));
  }
  const auto roles = session_.roles();
  for (const auto& role : slot.info.roles) {
    const bool there = std::any_of(roles.begin(), roles.end(), [&](const std::string& given_role) {
      return given_role == role || (role == "ood" && given_role.starts_with("ood/"));
    });
    if (there) continue;
    const std::string name = role == "ood" ? "ood/<name>" : role;
    return absent(
        fmt::format("it needs data in the role '{}'; given: {}", name, fmt::join(roles, ", ")),
        {{fmt::format("Pass data in the role '{}'.", name),
          fmt::format("leadline.evaluate(model, data, also={{\"{}\": ...}})", name)}});
  }
  if (slot.info.needs_random_access && !data_->info().random_access)
    return absent("it reads samples again, and the data is a stream that cannot be re-read",
                  {{"Hold the data in memory.", "leadline.Dataset(x, y)"}});
  if (slot.info.needs_target) {
    const Batch* first = first_batch("test");
    if (first != nullptr && !first->target.defined() && !first->table)
      return absent("it needs labels, and the data has none",
                    {{"Pass targets.", "leadline.Dataset(x, y)"}});
  }
  return std::nullopt;
}

void Run::start(Slot& slot) {
  if (slot.item.probe == nullptr) {
    settle(slot,
           absent_finding(slot.item.id, slot.item.id, "", Status::not_measured, slot.item.missing));
    return;
  }
  const auto began = Clock::now();
  try {
    slot.info = slot.item.probe->info();
    slot.whole = !slot.info.shards && options_.shard.count > 1;
    if (slot.whole) {
      const auto index = &slot - slots_.data();
      slot.mine = index % options_.shard.count == options_.shard.rank;
    }
    if (auto absence = cannot_run(slot)) {
      settle(slot, std::move(*absence));
      return;
    }
    session_.serve(slot.item.id, &slot.cost, slot.whole);
    slot.run = slot.item.probe->start(session_);
    if (slot.run == nullptr)
      throw TypeError(slot.info.name + ".start", "a ProbeRun", "none", "return a fresh state");
  } catch (...) {
    fail(slot, "start");
  }
  slot.cost.seconds += seconds_since(began);
}

/// The output of the first rows of the test role, up to one batch.
Outputs Run::forward_first() {
  auto* model = dynamic_cast<Model*>(subject_.get());
  const Batch* first = first_batch("test");
  if (model == nullptr || first == nullptr) return {};
  return forward_within(session_.row_limit(), *model, first->inputs);
}

/// Class numbers that came as floats: a model with several outputs a sample cannot be meant to
/// predict one number.
void refuse_float_labels(const Tensor& output, const Tensor& target) {
  if (!target.defined() || !is_floating(target.dtype()) || target.rank() != 1) return;
  if (output.rank() != 2 || output.size(1) < 2 || target.size(0) == 0) return;
  const Tensor host = target.host(DType::f64);
  const std::span values(host.data<double>(), static_cast<std::size_t>(host.n_elements()));
  if (!std::ranges::all_of(values, [](double v) { return v >= 0 && v == std::floor(v); })) return;
  throw TypeError("evaluate", "integer class labels as the target",
                  fmt::format("whole numbers of type {}, and a model with {} outputs a sample",
                              name_of(target.dtype()), output.size(1)),
                  "convert them: y.long() in torch, y.astype(int) in NumPy");
}

void Run::settle_output_kind() {
  session_.kind_ = about_.output != OutputKind::unknown ? about_.output : options_.output;
  if (session_.kind_ != OutputKind::unknown || dynamic_cast<Model*>(subject_.get()) == nullptr)
    return;
  Outputs outputs;
  try {
    outputs = forward_first();
  } catch (const std::exception&) {
    return;  // a model that raises: every probe will say so itself
  }
  if (!outputs.output.defined()) return;
  const Tensor& target = first_batch("test")->target;
  refuse_float_labels(outputs.output, target);
  session_.kind_ = kind_of(outputs.output, target);
}

void Run::begin() {
  if (const auto size = data_->info().size; size && *size == 0)
    throw DataError("evaluate", "at least one sample", "an empty data set", "check the loading");
  settle_output_kind();
  for (auto& slot : slots_)
    if (!slot.finding) start(slot);
}

/// Of everything that decides the results. Batch size, budget and shard do not.
std::string Run::identity() const {
  Fingerprint all;
  all.add(LEADLINE_VERSION).add(about_.name).add(about_.backend).add(about_.digest);
  all.add(static_cast<std::int64_t>(options_.seed)).add(fmt::format("{}", options_.level));
  all.add(name_of(about_.output != OutputKind::unknown ? about_.output : options_.output));
  all.add("test").add(data_->info().name).add(data_->info().fingerprint);
  for (const auto& [role, data] : options_.also)
    all.add(role).add(data->info().name).add(data->info().fingerprint);
  for (const auto& slot : slots_) {
    all.add(slot.item.id).add(slot.item.missing);
    if (slot.item.probe == nullptr) continue;
    all.add(slot.item.probe->info().name);
    for (const auto& [name, value] : slot.item.probe->options()) all.add(name).add(value);
  }
  return all.text();
}

}  // namespace leadline::detail::engine
