#include "leadline/robustness/stress.hpp"

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/text_rows.hpp"
#include "support/toys.hpp"

using namespace leadline;
using robustness::StressKind;
using robustness::Transformation;

namespace {

/// Rows of three numbers on scales 1, 10 and 100.
std::vector<float> scaled_rows(std::int64_t n) {
  std::vector<float> x;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(3, "scaled", i);
    for (const double scale : {1.0, 10.0, 100.0})
      x.push_back(static_cast<float>(scale * (2 + rng.normal())));
  }
  return x;
}

std::vector<double> stressed(StressKind kind, double severity, std::int64_t n = 2000,
                             robustness::StressSettings settings = {}) {
  const Tensor out =
      robustness::stress(Tensor::own(scaled_rows(n), {n, 3}), kind, severity, {}, settings);
  const auto* values = out.data<float>();
  return {values, values + out.n_elements()};
}

/// x0 > 2 decides; the other columns are noise.
DatasetPtr stress_table(std::int64_t n) {
  auto x = scaled_rows(n);
  std::vector<std::int64_t> target;
  for (std::int64_t i = 0; i < n; ++i) target.push_back(x[static_cast<std::size_t>(3 * i)] > 2);
  return std::make_shared<TensorDataset>(Tensor::own(std::move(x), {n, 3}),
                                         Tensor::own(std::move(target), {n}),
                                         TensorDataset::Options{});
}

std::shared_ptr<Subject> first_column() {
  return toys::rowwise(2, [](const float* x, float* out) {
    out[0] = 2 - x[0];
    out[1] = x[0] - 2;
  });
}

}  // namespace

TEST_CASE("stress on tables has the sizes that it names", "[robustness][stress]") {
  const auto before = scaled_rows(2000);
  const robustness::StressSettings known{.means = {2, 20, 200}, .spreads = {1, 10, 100}};
  std::int64_t lost = 0, far = 0;
  const auto missing = stressed(StressKind::missing_values, 4, 2000, known);
  const auto outliers = stressed(StressKind::outliers, 5, 2000, known);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double mean = known.means[i % 3], spread = known.spreads[i % 3];
    lost += missing[i] == mean && missing[i] != static_cast<double>(before[i]);
    far += std::abs(std::abs(outliers[i] - mean) - 6 * spread) < 1e-6 * mean;
  }
  CHECK_THAT(static_cast<double>(lost) / 6000, WithinAbs(0.2, 5 * std::sqrt(0.16 / 6000)));
  CHECK_THAT(static_cast<double>(far) / 6000, WithinAbs(0.05, 5 * std::sqrt(0.05 / 6000)));

  const auto shifted = stressed(StressKind::shift, 2, 100, known);
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t i = c; i < 300; i += 3)
      CHECK_THAT(shifted[i] - static_cast<double>(before[i]),
                 WithinRel(shifted[c] - static_cast<double>(before[c]), 1e-3));
  CHECK_THAT(std::abs(shifted[1] - static_cast<double>(before[1])), WithinAbs(2, 1e-4));

  std::int64_t swapped = 0, scaled = 0;
  const auto swaps = stressed(StressKind::swapped_columns, 5);
  const auto units = stressed(StressKind::unit_errors, 5);
  for (std::size_t i = 0; i < before.size(); i += 3) {
    int moved = 0, changed = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      moved += swaps[i + c] != static_cast<double>(before[i + c]);
      const double ratio = units[i + c] / static_cast<double>(before[i + c]);
      if (ratio == 1) continue;
      ++changed;
      CHECK_THAT(std::log10(ratio), WithinAbs(std::round(std::log10(ratio)), 1e-5));
    }
    CHECK((moved == 0 || moved == 2));
    CHECK(changed <= 1);
    swapped += moved == 2;
    scaled += changed;
  }
  CHECK_THAT(static_cast<double>(swapped) / 2000, WithinAbs(0.5, 5 * std::sqrt(0.25 / 2000)));
  CHECK_THAT(static_cast<double>(scaled) / 2000, WithinAbs(0.5, 5 * std::sqrt(0.25 / 2000)));
}

TEST_CASE("stress on series holds, shakes and stretches time", "[robustness][stress]") {
  std::vector<double> ramp;
  for (int i = 0; i < 4; ++i)
    for (int t = 0; t < 100; ++t)
      for (int c = 0; c < 2; ++c) ramp.push_back(t + 1000 * c);
  const Tensor series = Tensor::own(ramp, {4, 100, 2});
  const Tensor held = robustness::stress(series, StressKind::dropouts, 2);
  for (std::size_t i = 0; i < 4; ++i) {
    int flat = 0;
    for (std::size_t t = 1; t < 100; ++t) {
      const double step =
          held.data<double>()[i * 200 + 2 * t] - held.data<double>()[i * 200 + 2 * t - 2];
      flat += step == 0;
      CHECK((step == 0 || step == 1 || step == 11));
    }
    CHECK((flat == 10 || flat == 9));
  }
  const Tensor late = robustness::stress(series, StressKind::clock_drift, 5);
  for (int t = 0; t < 100; ++t)
    CHECK_THAT(late.data<double>()[2 * t], WithinAbs(std::min(1.1 * t, 99.0), 1e-9));
  CHECK_THAT(late.data<double>()[21], WithinAbs(1011, 1e-9));
  const Tensor plain = Tensor::own(std::vector<double>(2000, 3.0), {20, 100});
  const Tensor noisy = robustness::stress(
      plain, StressKind::noise, 5, {},
      {.means = std::vector<double>(100, 3.0), .spreads = std::vector<double>(100, 2.0)});
  double square = 0;
  for (int i = 0; i < 2000; ++i) square += std::pow(noisy.data<double>()[i] - 3, 2) / 2000;
  CHECK_THAT(std::sqrt(square), WithinAbs(1.0, 5 / std::sqrt(4000.0)));
}

TEST_CASE("sensor faults touch what they name", "[robustness][stress]") {
  std::vector<float> x(2 * 3 * 32 * 32);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.2F + 0.6F * static_cast<float>(i % 31) / 31;
  const Tensor images = Tensor::own(x, {2, 3, 32, 32});
  const auto after = [&](StressKind kind, double severity) {
    const Tensor out = robustness::stress(images, kind, severity);
    return std::vector<float>(out.data<float>(), out.data<float>() + out.n_elements());
  };
  std::int64_t dead = 0;
  for (const float v : after(StressKind::dead_pixels, 5)) dead += v == 0 || v == 1;
  CHECK_THAT(static_cast<double>(dead) / 6144, WithinAbs(0.05, 5 * std::sqrt(3 * 0.05 / 6144)));
  const auto lost = after(StressKind::lost_channel, 5);
  for (std::size_t i = 0; i < 2; ++i) {
    int dark = 0;
    for (std::size_t c = 0; c < 3; ++c) dark += lost[i * 3072 + c * 1024 + 5] == 0;
    CHECK(dark == 1);
  }
  const auto rows = after(StressKind::stuck_rows, 5);
  int stuck = 0;
  for (std::size_t y = 1; y < 32; ++y)
    stuck += std::equal(rows.begin() + static_cast<std::ptrdiff_t>(32 * y),
                        rows.begin() + static_cast<std::ptrdiff_t>(32 * y + 32),
                        rows.begin() + static_cast<std::ptrdiff_t>(32 * y - 32));
  CHECK((stuck > 0 && stuck < 16));
  const Tensor flat = Tensor::own(std::vector<float>(15 * 9, 0.3F), {1, 15, 9});
  const Tensor coarse = robustness::stress(flat, StressKind::resolution, 5);
  for (int i = 0; i < 15 * 9; ++i) CHECK_THAT(coarse.data<float>()[i], WithinAbs(0.3, 1e-6));
}

TEST_CASE("stress on text touches letters or gaps and nothing else", "[robustness][stress]") {
  const std::vector<std::string> texts(60, "Stop the pump at 40 °C, please do not wait");
  const auto under = [&](StressKind kind, double severity) {
    return robustness::stress_text(texts, kind, severity, {}, 1);
  };
  for (const auto kind : {StressKind::typos, StressKind::letter_case, StressKind::whitespace,
                          StressKind::lookalikes}) {
    CHECK(under(kind, 0) == texts);
    const auto changed = under(kind, 5);
    CHECK(changed == under(kind, 5));
    CHECK(changed != texts);
    for (const std::string& text : changed) {
      CHECK_THAT(text, ContainsSubstring("40"));
      CHECK_THAT(text, ContainsSubstring("°"));
    }
    const std::vector<SampleId> ninth{9};
    CHECK(robustness::stress_text(std::span(texts).first(1), kind, 5, ninth, 1)[0] == changed[9]);
  }
  std::int64_t flipped = 0, letters = 0;
  const auto cases = under(StressKind::letter_case, 5);
  for (const std::string& text : cases) {
    REQUIRE(text.size() == texts[0].size());
    for (std::size_t i = 0; i < text.size(); ++i) {
      flipped += text[i] != texts[0][i];
      letters += std::isalpha(static_cast<unsigned char>(texts[0][i])) != 0;
    }
  }
  const double share = static_cast<double>(flipped) / static_cast<double>(letters);
  CHECK_THAT(share, WithinAbs(0.2, 5 * std::sqrt(0.16 / static_cast<double>(letters))));
  CHECK_THROWS_AS(under(StressKind::typos, 6), ValueError);
  CHECK_THROWS_AS(under(StressKind::noise, 1), ValueError);
  // the same on rows of bytes
  const Tensor rows =
      robustness::stress(robustness::text_rows(texts), StressKind::typos, 5, {}, {.seed = 1});
  CHECK(robustness::texts_of(rows) == under(StressKind::typos, 5));
}

namespace {

DatasetPtr orders(std::int64_t n) {
  std::vector<std::string> texts;
  std::vector<std::int64_t> target;
  for (std::int64_t i = 0; i < n; ++i) {
    texts.emplace_back(i % 2 ? "please open the valve" : "please shut the valve");
    target.push_back(i % 2);
  }
  TensorDataset::Options options;
  options.modality = Modality::text;
  return std::make_shared<TensorDataset>(robustness::text_rows(texts),
                                         Tensor::own(std::move(target), {n}), options);
}

/// Answers every prompt with a function of it.
class Answering : public TextModel {
 public:
  explicit Answering(std::function<std::string(const std::string&)> answer)
      : answer_(std::move(answer)) {}
  [[nodiscard]] SubjectInfo info() const override {
    SubjectInfo info;
    info.name = "answering";
    info.access = Access::text;
    return info;
  }
  std::vector<Response> generate(std::span<const Prompt> prompts, const Decoding&) override {
    std::vector<Response> out;
    for (const Prompt& prompt : prompts)
      out.push_back({prompt.id, answer_(prompt.user), "end", ""});
    return out;
  }

 private:
  std::function<std::string(const std::string&)> answer_;
};

}  // namespace

TEST_CASE("a model of texts is stressed with typing errors, as its closed form says",
          "[robustness][stress]") {
  SubjectInfo about;
  about.name = "valve";
  about.output = OutputKind::labels;
  const auto valve = std::make_shared<robustness::TextClassifier>(
      [](const std::vector<std::string>& texts) {
        std::vector<std::int64_t> labels;
        for (const std::string& text : texts)
          labels.push_back(text.find("open") != std::string::npos);
        const std::int64_t n = std::ssize(labels);
        return Outputs{Tensor::own(std::move(labels), {n}), {}, {}};
      },
      about);
  const Finding finding = toys::run(
      std::make_shared<robustness::Stress>(robustness::StressOptions{.severities = {1, 5}}), valve,
      orders(800));
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  CHECK(finding.at("clean_accuracy").value() == 1);
  CHECK(finding.at("accuracy{stress=whitespace}").value() == 1);
  // "open" is read while none of its four letters (p has no twin among the first three) is touched
  const double lost = 0.5 * (1 - std::pow(0.8, 4)), slack = 5 * std::sqrt(0.25 / 800);
  CHECK_THAT(1 - finding.at("accuracy{stress=letter_case,severity=5}").value(),
             WithinAbs(lost, slack));
  CHECK(finding.at("accuracy{stress=typos,severity=5}").value() < 1 - lost / 2);
  CHECK(finding.find("accuracy{stress=shift}") == nullptr);
  for (const Check& check : finding.checks) {
    INFO(check.name << ": " << check.why);
    CHECK(check.result != Check::fail);
  }
  std::int64_t n_shown = 0;
  for (const Block& block : finding.blocks)
    if (const auto* shown = std::get_if<Exhibit>(&block)) {
      REQUIRE(shown->values.size() == 4);
      CHECK(shown->values[0] != shown->values[2]);
      CHECK(shown->values[0].find("open") != std::string::npos);
      CHECK(shown->values[2].find("open") == std::string::npos);
      ++n_shown;
    }
  CHECK(n_shown > 0);
  const Finding wrong = toys::run(std::make_shared<robustness::Stress>(
                                      robustness::StressOptions{.stresses = {"shift", "typos"}}),
                                  valve, orders(20));
  CHECK(wrong.at("accuracy{stress=shift}").status == Status::not_measured);
}

TEST_CASE("a text model is stressed by its own answers", "[robustness][stress]") {
  const auto run = [](std::function<std::string(const std::string&)> answer) {
    return toys::run(
        std::make_shared<robustness::Stress>(robustness::StressOptions{.severities = {5}}),
        std::make_shared<Answering>(std::move(answer)), orders(200));
  };
  const Finding finding = run([](const std::string& text) {
    return text.find("open") == std::string::npos ? "I shut it." : "I open it.";
  });
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  CHECK(finding.at("accuracy").status == Status::not_measured);
  CHECK_THAT(finding.at("accuracy").why, ContainsSubstring("TextClassifier"));
  CHECK_THAT(finding.at("changed{stress=letter_case}").value(),
             WithinAbs(0.5 * (1 - std::pow(0.8, 4)), 5 * std::sqrt(0.25 / 200)));
  bool shown = false;
  for (const Block& block : finding.blocks)
    if (const auto* exhibit = std::get_if<Exhibit>(&block))
      shown |= exhibit->values.at(1) == "i open it" && exhibit->values.at(3) == "i shut it";
  CHECK(shown);
  // case, spaces and the marks at the end are no other answer
  int turn = 0;
  const Finding same = run([&turn](const std::string&) {
    return ++turn % 2 ? std::string(" Yes,  it is. ") : std::string("yes, it\nis");
  });
  CHECK(same.at("changed{stress=typos}").value() == 0);
  int other = 0;
  const Finding random = run([&other](const std::string&) { return std::to_string(++other); });
  CHECK(toys::check_of(random, "severity_zero_equals_clean").result == Check::fail);
}

TEST_CASE("the probe chooses what fits, and gives the closed form of a shift",
          "[robustness][stress]") {
  const auto probe =
      std::make_shared<robustness::Stress>(robustness::StressOptions{.severities = {1, 5}});
  const Finding finding = toys::run(probe, first_column(), stress_table(600));
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  CHECK(finding.at("clean_accuracy").value() == 1);
  // moved by 0.5 standard deviations, those within that distance of the limit change sides
  CHECK_THAT(1 - finding.at("accuracy{stress=shift,severity=5}").value(),
             WithinAbs(0.1915, 5 * std::sqrt(0.155 / 600)));
  // a lost first column reads its mean, near the limit: half of the lost are wrong
  CHECK_THAT(1 - finding.at("accuracy{stress=missing_values,severity=5}").value(),
             WithinAbs(0.125, 5 * std::sqrt(0.11 / 600)));
  CHECK(finding.find("accuracy{stress=noise}") == nullptr);
  for (const Check& check : finding.checks) {
    INFO(check.name << ": " << check.why);
    CHECK(check.result != Check::fail);
  }
  const Finding wrong = toys::run(std::make_shared<robustness::Stress>(robustness::StressOptions{
                                      .stresses = {"image", "shift"}, .severities = {1}}),
                                  first_column(), stress_table(50));
  CHECK(wrong.at("accuracy{stress=dead_pixels}").status == Status::not_measured);
  CHECK(wrong.at("accuracy{stress=shift}").ok());
}

TEST_CASE("one's own transformation is a stress, and its faults are caught",
          "[robustness][stress][check]") {
  const auto moved = [](double by_default) {
    return [by_default](const Tensor& inputs, std::span<const SampleId>, double severity,
                        std::uint64_t) {
      const Tensor host = inputs.host();
      std::vector<float> out(host.data<float>(), host.data<float>() + host.n_elements());
      for (std::size_t i = 0; i < out.size(); i += 3)
        out[i] += static_cast<float>(severity + by_default);
      return Tensor::own(std::move(out), host.shape());
    };
  };
  const auto run = [&](Transformation one, std::shared_ptr<Subject> subject, DatasetPtr data) {
    std::vector<Transformation> all{std::move(one)};
    return toys::run(std::make_shared<robustness::Stress>(
                         std::move(all), robustness::StressOptions{.severities = {0.5, 1}}),
                     std::move(subject), std::move(data));
  };
  const Finding fine = run({"up", moved(0), "1"}, first_column(), stress_table(500));
  CHECK_THAT(1 - fine.at("accuracy{stress=up,severity=1}").value(),
             WithinAbs(0.3413, 5 * std::sqrt(0.225 / 500)));
  CHECK(toys::check_of(fine, "severity_zero_equals_clean").result == Check::pass);

  const Finding moves = run({"up", moved(0.25), "1"}, first_column(), stress_table(100));
  CHECK(toys::check_of(moves, "severity_zero_equals_clean").result == Check::fail);

  TensorDataset::Options bounded;
  bounded.bounds = {-500.0, 700.0};
  auto x = scaled_rows(50);
  const auto data =
      std::make_shared<TensorDataset>(Tensor::own(std::move(x), {50, 3}), Tensor(), bounded);
  const Finding leaves =
      run({"far",
           [](const Tensor& in, std::span<const SampleId>, double severity, std::uint64_t) {
             const Tensor host = in.host();
             std::vector<float> out(host.data<float>(), host.data<float>() + host.n_elements());
             for (float& v : out) v += static_cast<float>(1e4 * severity);
             return Tensor::own(std::move(out), host.shape());
           },
           ""},
          first_column(), data);
  CHECK(toys::check_of(leaves, "inputs_stay_in_bounds").result == Check::fail);

  const Finding nothing = run(
      {"idle",
       [](const Tensor& in, std::span<const SampleId>, double, std::uint64_t) { return in; }, ""},
      first_column(), stress_table(80));
  CHECK(toys::check_of(nothing, "inputs_change").result == Check::fail);

  const Finding shape = run({"cut",
                             [](const Tensor& in, std::span<const SampleId>, double,
                                std::uint64_t) { return in.rows(0, 1); },
                             ""},
                            first_column(), stress_table(10));
  CHECK(shape.status == Status::failed);
  CHECK_THAT(shape.why, ContainsSubstring("shape"));
  CHECK_THROWS_AS(robustness::Stress(std::vector<Transformation>{}, {}), TypeError);
  CHECK_THROWS_AS(robustness::Stress({{"a", moved(0), ""}, {"a", moved(0), ""}}, {}), ValueError);
}

TEST_CASE("stress refuses what does not fit", "[robustness][stress][errors]") {
  const Tensor rows = Tensor::own(scaled_rows(4), {4, 3});
  CHECK_THROWS_AS(robustness::stress(rows, StressKind::dead_pixels, 1), ShapeError);
  CHECK_THROWS_AS(robustness::stress(rows, StressKind::shift, -1), ValueError);
  CHECK_THROWS_AS(
      robustness::stress(Tensor::own(std::vector<float>(24, 1), {2, 4, 3}), StressKind::shift, 1),
      ShapeError);
  CHECK_THROWS_AS(robustness::stress(Tensor::own(std::vector<std::int64_t>(6, 1), {2, 3}),
                                     StressKind::shift, 1),
                  TypeError);
  CHECK_THROWS_AS(
      robustness::stress(rows, StressKind::shift, 1, {}, {.means = {1}, .spreads = {1}}),
      ShapeError);
  CHECK_THROWS_WITH(robustness::Stress({.stresses = {"shifts"}}), ContainsSubstring("'shift'"));
}
