#include "leadline/report/report.hpp"

#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "report/sample.hpp"

namespace report_test {

/// A fresh directory, gone at the end.
struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "leadline_report_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  [[nodiscard]] std::string file(const char* name) const { return (path / name).string(); }
  [[nodiscard]] std::ptrdiff_t n_files() const {
    return std::distance(std::filesystem::directory_iterator(path), {});
  }
};

/// No file of this process may grow beyond `bytes`: a disk that fills up.
struct FullDisk {
  rlimit before{};
  explicit FullDisk(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    rlimit now = before;
    now.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_DFL);
  }
};

}  // namespace report_test

using namespace report_test;

TEST_CASE("an estimate is found by its full name", "[report]") {
  const auto report = sample::report();
  CHECK(report["task.accuracy"].value() == 0.91);
  CHECK(report["pgd.accuracy{norm=linf,eps=0.0314}"].n == 1000);
  CHECK(report.find_estimate("pgd.accuracy") == nullptr);
  CHECK(report.estimate_names().front() == "task.accuracy");
  CHECK(report.fact("seed") == "0");
  CHECK(report.fact("nothing").empty());
  CHECK_THROWS_WITH(report["task.acuracy"], ContainsSubstring("did you mean 'task.accuracy'?"));
  CHECK_THROWS_WITH(report["ood.auroc"], ContainsSubstring("no foreign data was given"));
  CHECK_THROWS_AS(report[""], leadline::ValueError);
}

TEST_CASE("the longest probe id wins when one holds a dot", "[report]") {
  auto report = sample::report();
  report.findings[1].probe = "task.accuracy";
  CHECK(report["task.accuracy"].n == 10000);
  CHECK(report["task.accuracy.distance"].n == 1000);
}

TEST_CASE("a failed check casts doubt on the estimates that it covers", "[report]") {
  const auto report = sample::report();
  const auto doubts = report.doubts("pgd.accuracy{norm=linf,eps=0.0314}");
  REQUIRE(doubts.size() == 1);
  CHECK(doubts[0]->name == "more_steps_converge");
  CHECK(report.doubts("pgd.distance").empty());
  CHECK_THROWS_AS(report.doubts("pgd.nothing"), leadline::ValueError);
}

TEST_CASE("a report is saved and loaded", "[report][save]") {
  const Folder folder;
  const auto report = sample::report();
  report.save(folder.file("report.json"));
  CHECK(leadline::Report::load(folder.file("report.json")).to_json() == report.to_json());
  report.save(folder.file("report.json"));  // again, over the old one
  report.save(folder.file("report.md"));
  CHECK(folder.n_files() == 2);
  CHECK_THROWS_WITH(report.save(folder.file("report.txt")), ContainsSubstring(".json or .md"));
  CHECK_THROWS_AS(leadline::Report::load(folder.file("report.md")), leadline::StoreError);
}

TEST_CASE("a place that cannot be written is a StoreError", "[report][save][hostile]") {
  const Folder folder;
  const auto report = sample::report();
  CHECK_THROWS_WITH(report.save(folder.file("no/such/report.json")),
                    ContainsSubstring("create the directory first"));
  CHECK_THROWS_AS(report.save("/proc/leadline_report.json"), leadline::StoreError);
  std::filesystem::create_directory(folder.path / "taken.json");
  CHECK_THROWS_AS(report.save(folder.file("taken.json")), leadline::StoreError);
  CHECK_THROWS_AS(leadline::Report::load(folder.file("taken.json")), leadline::StoreError);
  CHECK_THROWS_AS(leadline::Report::load(folder.file("missing.json")), leadline::StoreError);
  CHECK(folder.n_files() == 1);
}

TEST_CASE("a disk that fills up leaves the old report as it was", "[report][save][hostile]") {
  const Folder folder;
  auto report = sample::report();
  report.save(folder.file("report.json"));
  const auto before = report.to_json();
  report.title = "another";
  {
    const FullDisk full(1000);
    CHECK_THROWS_AS(report.save(folder.file("report.json")), leadline::StoreError);
  }
  CHECK(folder.n_files() == 1);
  CHECK(leadline::Report::load(folder.file("report.json")).to_json() == before);
}

TEST_CASE("markdown tells verdicts, doubts and gaps in words", "[report][markdown]") {
  const auto text = sample::report().to_markdown();
  CHECK_THAT(text, ContainsSubstring("# A small network on Fashion-MNIST"));
  CHECK_THAT(text, ContainsSubstring("were set before anyone looked at the results"));
  CHECK_THAT(text, ContainsSubstring("| **not met** | pgd.accuracy"));
  CHECK_THAT(text, ContainsSubstring("About 1200 more samples would decide"));
  CHECK_THAT(text, ContainsSubstring("no foreign data was given"));
  CHECK_THAT(text, ContainsSubstring("## Not to be trusted"));
  CHECK_THAT(text, ContainsSubstring("check more steps converge"));
  CHECK_THAT(text, ContainsSubstring("Accuracy alone would have said: 91.0 in 100"));
  CHECK_THAT(text, ContainsSubstring("| shirt | 8 | 2 |"));
  CHECK_THAT(text, ContainsSubstring("| 17 | label looks wrong |"));
  CHECK(text.find("| nan") == std::string::npos);
}

TEST_CASE("a failed check of a side number leaves the headline to be trusted",
          "[report][markdown][summary]") {
  leadline::Report report;
  leadline::Finding finding;
  finding.probe = "task";
  finding.headline = "All are read correctly.";
  finding.add("accuracy{eps=0}", leadline::Estimate::rate(600, 600));
  finding.add("accuracy{eps=1}@sex=f", leadline::Estimate::rate(30, 30));
  finding.add("log_loss", leadline::Estimate::of(0.01, 600, ""), leadline::Better::lower,
              "surprise");
  finding.checks.push_back(
      {.name = "planted{of=x}", .result = leadline::Check::fail, .why = "seen"});
  report.findings.push_back(finding);
  const auto covers = [&](std::vector<std::string> names) {
    report.findings[0].checks[0].applies_to = std::move(names);
    const std::string page = report.to_markdown(), text = report.summary();
    const bool doubted = text.find("NOT TO BE TRUSTED: All are") != std::string::npos;
    CHECK(doubted == (page.find("- **Not to be trusted**: All are") != std::string::npos));
    CHECK(doubted == (text.find("Not to be trusted beside it") == std::string::npos));
    CHECK_THAT(page, ContainsSubstring("planted (of: x)"));  // the reason is there either way
    CHECK_THAT(page, ContainsSubstring("(not to be trusted)"));
    return doubted;
  };
  CHECK_FALSE(covers({"log_loss"}));
  CHECK_THAT(report.summary(), ContainsSubstring("Not to be trusted beside it: surprise"));
  CHECK_FALSE(covers({"accuracy{eps=1}@sex=f"}));
  CHECK(covers({"accuracy{eps=0}"}));
  CHECK(covers({"headline", "log_loss"}));
  CHECK(covers({"*"}));
  CHECK(covers({}));  // of the whole finding
  report.findings[0].estimates[0].estimate =
      leadline::Estimate::absent(leadline::Status::undefined, "one class");
  CHECK(covers({"log_loss"}));  // nobody knows what the headline reads
}

TEST_CASE("a name that no estimate has is answered with those that were meant", "[report]") {
  leadline::Report report;
  leadline::Finding finding;
  finding.probe = "task";
  for (const char* name : {"accuracy", "f1{average=macro}", "f1{average=micro}"})
    finding.add(name, leadline::Estimate::rate(1, 2));
  report.findings.push_back(finding);
  CHECK_THROWS_WITH(report["accuracy"], ContainsSubstring("did you mean 'task.accuracy'?"));
  CHECK_THROWS_WITH(report["task.acuracy"], ContainsSubstring("did you mean 'task.accuracy'?"));
  CHECK_THROWS_WITH(
      report["task.f1"],
      ContainsSubstring("did you mean 'task.f1{average=macro}' or 'task.f1{average=micro}'?"));
}

TEST_CASE("accuracy alone is that of unchanged inputs", "[report][markdown]") {
  leadline::Report report;
  leadline::Finding finding;
  finding.probe = "corruptions";
  finding.add("accuracy", leadline::Estimate::rate(47, 100), leadline::Better::higher, "");
  finding.add("clean_accuracy", leadline::Estimate::rate(67, 100), leadline::Better::higher, "");
  report.findings.push_back(finding);
  CHECK_THAT(report.to_markdown(), ContainsSubstring("would have said: 67.0 in 100"));
}

TEST_CASE("nothing in a report is markup in Markdown", "[report][markdown][hostile]") {
  auto report = sample::report();
  const std::string hostile = "a|b\n# <script>alert(1)</script> [x](javascript:1) `c`";
  report.title = hostile;
  report.findings[1].headline = hostile;
  report.findings[1].estimates[0].name = "a|b`c";
  std::get<leadline::Grid>(report.findings[1].blocks[1]).row_names[0] = hostile;
  const auto text = report.to_markdown();
  CHECK(text.find("\n# <script>") == std::string::npos);
  CHECK(text.find("x](javascript") == std::string::npos);
  CHECK_THAT(text, ContainsSubstring("\\<script\\>"));
  CHECK_THAT(text, ContainsSubstring("| `` a\\|b`c `` |"));
}

TEST_CASE("an empty report is written and read in each form", "[report]") {
  const leadline::Report empty;
  CHECK(leadline::Report::from_json(empty.to_json()).to_json() == empty.to_json());
  CHECK_THAT(empty.to_markdown(), ContainsSubstring("No limits were set"));
}
