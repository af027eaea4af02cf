#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/run_session.hpp"
#include "leadline/core/error.hpp"
#include "testing/laws.hpp"

namespace leadline::testing {
namespace detail::check_probe {

/// A folder for resumed runs and shards; goes away with the check.
class Folder {
 public:
  Folder() {
    // Memory where there is some: every step is flushed, and a disk would take seconds.
    const std::filesystem::path memory = "/dev/shm";
    std::error_code none;
    const auto root = std::filesystem::is_directory(memory, none)
                          ? memory
                          : std::filesystem::temp_directory_path();
    std::string name = (root / "leadline-check-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw StoreError("check_probe", "a temporary folder", name, "free the temporary directory");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string operator/(std::string_view name) const {
    return path_ + "/" + std::string(name);
  }

 private:
  std::string path_;
};

struct Check {
  std::shared_ptr<const Probe> probe;
  std::shared_ptr<Subject> subject;
  DatasetPtr data;
  const ProbeContract& given;
  Laws laws;
  Folder folder;
  std::string id = probe->info().name;

  [[nodiscard]] Suite suite() const {
    Suite one("contract");
    one.add(probe);
    return one;
  }
  [[nodiscard]] EvaluateOptions options(std::int64_t batch_size = 16, std::string out = {}) const {
    EvaluateOptions made;
    made.also = given.also;
    made.seed = 7;
    made.batch_size = batch_size;
    made.out = std::move(out);
    made.checkpoint_seconds = 0;
    return made;
  }
  [[nodiscard]] Finding run(const EvaluateOptions& with) const {
    return *evaluate(subject, data, suite(), with).find(id);
  }
  [[nodiscard]] std::string differ(const Finding& a, const Finding& b, double tolerance) const {
    if (!given.timed) return difference(a, b, tolerance);
    return a.status == b.status ? std::string() : fmt::format("{} against {}", a.why, b.why);
  }

  Finding reference() {
    laws.try_that("it_has_a_name_and_a_question", [&] {
      const ProbeInfo about = probe->info();
      return about.name.empty() || about.question.empty() ? "info() lacks one" : std::string();
    });
    laws.try_that("its_options_have_names_of_their_own", [&] {
      std::set<std::string> names;
      for (const auto& [name, value] : probe->options())
        if (!names.insert(name).second) return "'" + name + "' twice";
      return std::string();
    });
    Finding finding;
    laws.try_that("it_answers", [&] {
      finding = run(options());
      return finding.status == Status::ok
                 ? std::string()
                 : fmt::format("{}: {}", name_of(finding.status), finding.why);
    });
    return finding;
  }

  void well_formed(const Finding& finding) {
    laws.try_that("its_finding_has_a_headline_and_an_estimate", [&] {
      return finding.headline.empty()    ? "no headline"
             : finding.estimates.empty() ? "no estimate"
                                         : std::string();
    });
    laws.try_that("its_checks_name_estimates_that_exist", [&] {
      for (const auto& check : finding.checks) {
        if (check.applies_to.empty()) return "'" + check.name + "' covers nothing";
        for (const auto& name : check.applies_to)
          if (name != "*" && name != "headline" && finding.find(name) == nullptr)
            return "'" + check.name + "' covers '" + name + "'";
      }
      return std::string();
    });
    laws.try_that("its_finding_survives_json", [&] {
      const std::string json = finding_to_json(finding);
      return finding_to_json(finding_from_json(json)) == json ? std::string() : "it changes";
    });
    laws.try_that("it_keeps_few_exhibits", [&] {
      const auto n =
          std::count_if(finding.blocks.begin(), finding.blocks.end(),
                        [](const Block& b) { return std::holds_alternative<Exhibit>(b); });
      return n <= Finding::max_exhibits ? std::string() : fmt::format("{} exhibits", n);
    });
  }

  void repeating(const Finding& reference) {
    laws.try_that("the_seed_repeats_it", [&] { return differ(reference, run(options()), 0); });
    laws.try_that("it_does_not_depend_on_the_batch_size", [&] {
      for (const std::int64_t size : {7, 64})
        if (auto found = differ(reference, run(options(size)), given.relative_tolerance);
            !found.empty())
          return fmt::format("batches of {}: {}", size, found);
      return std::string();
    });
  }

  /// Cancelled at several moments, each time a new attempt goes on from the files.
  void resuming(const Finding& reference) {
    laws.try_that("a_run_that_was_cut_resumes_to_the_same_answer", [&] {
      for (const int moment : {1, 3, 9}) {
        const std::string out = folder / fmt::format("resume{}", moment);
        auto cut = options(16, out);
        cut.on_progress = [&cut, calls = 0, moment](const Progress&) mutable {
          if (++calls == moment) cut.cancel.cancel();
        };
        (void)run(cut);
        if (auto found = differ(reference, run(options(16, out)), 0); !found.empty())
          return fmt::format("cut after {} steps: {}", moment, found);
      }
      return std::string();
    });
    laws.try_that("cancelled_at_once_it_answers_in_order", [&] {
      auto cancelled = options();
      cancelled.cancel.cancel();
      const Finding finding = run(cancelled);
      return finding.status == Status::failed ? finding.why : std::string();
    });
  }

  void sharding(const Finding& reference) {
    laws.try_that("shards_merge_to_the_whole", [&] {
      std::vector<std::string> paths;
      for (const std::int64_t rank : {0, 1, 2}) {
        paths.push_back(folder / fmt::format("shard{}", rank));
        auto part = options(16, paths.back());
        part.shard = {rank, 3};
        (void)evaluate(subject, data, suite(), part);
      }
      const Report merged = merge_shards(subject, data, suite(), paths, options());
      return differ(reference, *merged.find(id), given.relative_tolerance);
    });
  }

  void states() {
    laws.try_that("what_is_no_state_is_refused", [&] {
      const auto with = options();
      leadline::detail::engine::RunSession session(subject, data, with);
      Cost cost;
      session.serve(id, &cost, false);
      for (const auto* bad : {"", "{}", "garbage", "[1, 2"}) {
        const auto fresh = probe->start(session);
        if (auto found = Laws::refusal([&] { fresh->load(bad); }); !found.empty())
          return fmt::format("'{}': {}", bad, found);
      }
      const auto first = probe->start(session), second = probe->start(session);
      second->load(first->save());
      return second->save() == first->save() ? std::string() : "a fresh state comes back changed";
    });
  }

  void leaving_alone() {
    laws.try_that("the_model_is_left_as_found", [&] {
      const std::string before = subject->info().digest;
      (void)run(options());
      return subject->info().digest == before ? std::string() : "its digest changed";
    });
  }
};

}  // namespace detail::check_probe

Contract check_probe(std::shared_ptr<const Probe> probe, std::shared_ptr<Subject> subject,
                     DatasetPtr data, const ProbeContract& options) {
  if (probe == nullptr) throw TypeError("check_probe", "a probe", "none", "");
  const std::string name = "probe '" + probe->info().name + "'";
  detail::check_probe::Check check{std::move(probe), std::move(subject), std::move(data),
                                   options,          detail::Laws(name), {}};
  const Finding reference = check.reference();
  if (!check.laws.contract.ok()) return check.laws.contract;
  check.well_formed(reference);
  check.repeating(reference);
  check.states();
  check.resuming(reference);
  check.sharding(reference);
  check.leaving_alone();
  return check.laws.contract;
}

}  // namespace leadline::testing
