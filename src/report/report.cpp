#include "leadline/report/report.hpp"

#include <filesystem>

#include "core/file.hpp"
#include "leadline/core/catalog.hpp"
#include "leadline/core/error.hpp"
#include "report/json.hpp"
#include "report/words.hpp"

namespace leadline {
namespace detail::report {

bool ends_with(std::string_view text, std::string_view ending) {
  return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
}

/// The finding and the local name that a full name means; the longest probe id wins, for an id may
/// hold a dot.
std::pair<const Finding*, std::string_view> split(const Report& report,
                                                  std::string_view full_name) {
  const Finding* best = nullptr;
  for (const auto& finding : report.findings) {
    const auto size = finding.probe.size();
    const bool prefix = full_name.size() > size && full_name[size] == '.' &&
                        full_name.substr(0, size) == finding.probe;
    if (prefix && (best == nullptr || size > best->probe.size())) best = &finding;
  }
  if (best == nullptr) return {nullptr, {}};
  return {best, full_name.substr(best->probe.size() + 1)};
}

[[noreturn]] void unknown(const Report& report, std::string_view full_name) {
  const std::string meant = words::did_you_mean(report, full_name);
  const auto [finding, local] = split(report, full_name);
  std::string remedy =
      "estimate_names() lists all " + std::to_string(report.estimate_names().size());
  if (!meant.empty())
    remedy = meant;
  else if (finding != nullptr && finding->status != Status::ok)
    remedy = "'" + finding->probe + "' is " + std::string(name_of(finding->status)) + ": " +
             finding->why;
  throw ValueError("Report", "the full name of an estimate, <probe id>.<estimate>",
                   "'" + std::string(full_name) + "'", remedy);
}

/// The checksum that a saved SampleTable ends with: "xxh3:" and 32 digits.
std::string checksum_of(std::string_view content) {
  constexpr std::size_t size = 5 + 32;
  return std::string(content.size() < size ? content : content.substr(content.size() - size));
}

/// Folder (with its slash) and name of the samples of a report file.
std::pair<std::string, std::string> samples_beside(const std::string& path) {
  const auto slash = path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  const std::string stem = path.substr(folder.size(), path.size() - folder.size() - 5);
  return {folder, stem == "report" ? "samples.bin" : stem + ".samples.bin"};
}

/// What to write beside the report; nullopt where there is nothing, or no longer.
std::optional<std::string> sample_bytes(const Report& report) {
  if (report.samples == nullptr &&
      !(report.samples_file && std::filesystem::exists(report.samples_file->path)))
    return std::nullopt;
  return report.sample_table("Report.save")->save();
}

}  // namespace detail::report

const Finding* Report::find(std::string_view probe_id) const {
  for (const auto& finding : findings)
    if (finding.probe == probe_id) return &finding;
  return nullptr;
}

const Named* Report::find_estimate(std::string_view full_name) const {
  const auto [finding, local] = detail::report::split(*this, full_name);
  return finding == nullptr ? nullptr : finding->find(local);
}

const Estimate& Report::operator[](std::string_view full_name) const {
  if (const auto* named = find_estimate(full_name)) return named->estimate;
  detail::report::unknown(*this, full_name);
}

std::vector<std::string> Report::estimate_names() const {
  std::vector<std::string> names;
  for (const auto& finding : findings)
    for (const auto& named : finding.estimates) names.push_back(finding.probe + "." + named.name);
  return names;
}

std::vector<const Check*> Report::doubts(std::string_view full_name) const {
  const auto [finding, local] = detail::report::split(*this, full_name);
  if (finding == nullptr || finding->find(local) == nullptr)
    detail::report::unknown(*this, full_name);
  return finding->doubts(local);
}

std::string Report::fact(std::string_view key) const {
  for (const auto& [name, value] : provenance)
    if (name == key) return value;
  return {};
}

std::string Report::to_json(int indent) const {
  return detail::json::dump(detail::json::write(*this, "Report.to_json"), indent);
}

Report Report::from_json(std::string_view json) {
  constexpr std::string_view who = "Report.from_json";
  return detail::json::read_report(detail::json::parse(json, who), who);
}

void Report::save(const std::string& path) const {
  constexpr std::string_view who = "Report.save";
  if (detail::report::ends_with(path, ".md"))
    return detail::file::write_atomically(path, to_markdown(), who);
  if (!detail::report::ends_with(path, ".json"))
    throw ValueError(who, "a path that ends in .json or .md", "'" + path + "'",
                     "Python's Report.save also writes .html");
  Report stored = *this;
  stored.samples_file.reset();
  std::optional<detail::file::Draft> samples_draft;
  if (const auto content = detail::report::sample_bytes(*this)) {
    const auto [folder, name] = detail::report::samples_beside(path);
    stored.samples_file = SamplesFile{folder + name, name, detail::report::checksum_of(*content)};
    samples_draft.emplace(folder + name, *content, who);
  }
  detail::file::Draft draft(path, detail::json::dump(detail::json::write(stored, who, true), 1),
                            who);
  if (samples_draft) samples_draft->publish();
  draft.publish();
}

std::shared_ptr<const SampleTable> Report::sample_table(std::string_view who) const {
  if (samples != nullptr) return samples;
  constexpr std::string_view expected = "a report with results by sample";
  constexpr std::string_view remedy =
      "keep the .samples.bin file beside the .json, or evaluate again";
  if (!samples_file)
    throw StoreError(who, expected,
                     "'" + (title.empty() ? fact("model.name") : title) + "' without them",
                     "evaluate again and save the report as .json");
  const std::string& path = samples_file->path;
  if (path.empty() || !std::filesystem::exists(path))
    throw StoreError(who, expected, "no file '" + (path.empty() ? samples_file->name : path) + "'",
                     remedy);
  const std::string content = detail::file::read(path, who, std::size_t{1} << 36);
  if (detail::report::checksum_of(content) != samples_file->fingerprint)
    throw StoreError(who, "the results by sample that the report was saved with",
                     "others in '" + path + "'", remedy);
  return std::make_shared<SampleTable>(SampleTable::load(content));
}

Report Report::load(const std::string& path) {
  constexpr std::string_view who = "Report.load";
  Report report =
      detail::json::read_report(detail::json::parse(detail::file::read(path, who), who), who);
  if (report.samples_file)
    report.samples_file->path =
        detail::report::samples_beside(path).first + report.samples_file->name;
  return report;
}

std::string finding_to_json(const Finding& finding) {
  return detail::json::dump(detail::json::write(finding, "finding_to_json"), 1);
}

Finding finding_from_json(std::string_view json) {
  constexpr std::string_view who = "finding_from_json";
  return detail::json::read_finding(detail::json::parse(json, who), who);
}

}  // namespace leadline
