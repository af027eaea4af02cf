#include "leadline/robustness/corruption_benchmark.hpp"

#include <cmath>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/perturbation.hpp"
#include "support/toys.hpp"

using namespace leadline;
using robustness::CorruptionBenchmark;
using robustness::CorruptionReference;
using robustness::CorruptionTable;

namespace {

/// Two classes of 12 x 12 pictures: the left or the right half is brighter, in three channels.
std::shared_ptr<TensorDataset> halves(std::int64_t n, std::uint64_t seed, double contrast = 0.25,
                                      std::int64_t channels = 3) {
  std::vector<float> x;
  std::vector<std::int64_t> target;
  for (std::int64_t i = 0; i < n; ++i) {
    stats::Rng rng(seed, "halves", i);
    target.push_back(i % 2);
    const double side = (i % 2 ? 1 : -1) * contrast * rng.uniform(0.1, 1);
    for (std::int64_t p = 0; p < channels * 144; ++p) {
      const double at = 0.5 + (p % 12 >= 6 ? side : -side) + 0.08 * rng.normal();
      x.push_back(static_cast<float>(std::clamp(at, 0.0, 1.0)));
    }
  }
  TensorDataset::Options options;
  options.bounds = {0.0, 1.0};
  options.class_names = {"left", "right"};
  return std::make_shared<TensorDataset>(Tensor::own(x, {n, channels, 12, 12}),
                                         Tensor::own(target, {n}), options);
}

std::shared_ptr<Subject> half_reader(std::int64_t channels = 3) {
  return toys::rowwise(2, [channels](const float* x, float* out) {
    out[0] = out[1] = 0;
    for (std::int64_t p = 0; p < channels * 144; ++p) out[p % 12 >= 6] += x[p];
  });
}

Finding benchmark(robustness::CorruptionBenchmarkOptions options, std::shared_ptr<Subject> subject,
                  DatasetPtr data, EvaluateOptions how = {}) {
  return toys::run(std::make_shared<CorruptionBenchmark>(std::move(options)), std::move(subject),
                   std::move(data), how);
}

}  // namespace

TEST_CASE("the benchmark gives accuracies of every condition, a heat map and worst classes",
          "[robustness][corruption_benchmark]") {
  const auto data = halves(120, 1);
  const Finding finding = benchmark({}, half_reader(), data);
  INFO(finding.why);
  REQUIRE(finding.status == Status::ok);
  CHECK(finding.at("clean_accuracy").value() > 0.97);
  CHECK(finding.at("accuracy").value() < finding.at("clean_accuracy").value());
  double mean = 0, at_most = 0;
  for (const auto kind : robustness::corruptions_of("test", std::vector<std::string>{"common"})) {
    double row = 0;
    for (int s = 1; s <= 5; ++s) {
      const Estimate& cell = finding.at("accuracy{corruption=" + std::string(name_of(kind)) +
                                        ",severity=" + std::to_string(s) + "}");
      CHECK(cell.method == "wilson");
      row += cell.value() / 5;
    }
    const Estimate& all = finding.at("accuracy{corruption=" + std::string(name_of(kind)) + "}");
    CHECK_THAT(all.value(), WithinAbs(row, 1e-12));
    mean += row / 15;
    at_most = std::max(at_most, row);
  }
  CHECK_THAT(finding.at("accuracy").value(), WithinAbs(mean, 1e-12));
  CHECK_THAT(finding.at("accuracy_drop").value(),
             WithinAbs(finding.at("clean_accuracy").value() - mean, 1e-12));
  CHECK(finding.cost.forwards == 120 * (1 + 1 + 15 * 5));
  const Grid* grid = nullptr;
  const TableBlock* classes = nullptr;
  int pictures = 0;
  for (const Block& block : finding.blocks) {
    if (const auto* found = std::get_if<Grid>(&block)) grid = found;
    if (const auto* found = std::get_if<TableBlock>(&block)) classes = found;
    if (const auto* found = std::get_if<Exhibit>(&block)) pictures += found->images.size() == 2;
  }
  REQUIRE(grid);
  CHECK(grid->row_names.size() == 15);
  CHECK(grid->col_names == std::vector<std::string>{"1", "2", "3", "4", "5"});
  CHECK(grid->values.size() == 75);
  REQUIRE(classes);
  CHECK(classes->rows.size() == 2);
  CHECK(pictures > 0);
  CHECK(!finding.headline.empty());
  CHECK(!finding.consequence.empty());
}

TEST_CASE("the benchmark does not depend on batch size, access or shards",
          "[robustness][corruption_benchmark]") {
  const auto data = halves(90, 2);
  const robustness::CorruptionBenchmarkOptions options{.corruptions = {"noise", "snow"},
                                                       .severities = {2, 5},
                                                       .perturbations = {"rotate"},
                                                       .frames = 5};
  EvaluateOptions small;
  small.batch_size = 7;
  const Finding a = benchmark(options, half_reader(), data),
                b = benchmark(options, half_reader(), data, small),
                c = benchmark(options, toys::labels_only(half_reader()), data);
  for (const auto* other : {&b, &c}) {
    REQUIRE(other->estimates.size() == a.estimates.size());
    for (std::size_t i = 0; i < a.estimates.size(); ++i) {
      INFO(a.estimates[i].name);
      CHECK(a.estimates[i].estimate.value() == other->estimates[i].estimate.value());
    }
    REQUIRE(a.flags.size() == other->flags.size());
    for (std::size_t i = 0; i < a.flags.size(); ++i) CHECK(a.flags[i].id == other->flags[i].id);
  }
}

TEST_CASE("mCE is the mean ratio of errors, and its interval is that of the samples",
          "[robustness][corruption_benchmark]") {
  const auto data = halves(150, 3);
  const robustness::CorruptionBenchmarkOptions options{.corruptions = {"contrast", "shot_noise"},
                                                       .severities = {3, 5},
                                                       .reference = CorruptionReference::given,
                                                       .reference_errors = {0.5, 0.25},
                                                       .reference_clean_error = 0.1};
  const Finding finding = benchmark(options, half_reader(), data);
  const double clean = 1 - finding.at("clean_accuracy").value();
  const double shot = 1 - finding.at("accuracy{corruption=shot_noise}").value();
  const double contrast = 1 - finding.at("accuracy{corruption=contrast}").value();
  // the order of the enum: shot noise, then contrast
  CHECK_THAT(finding.at("mce").value(), WithinAbs((shot / 0.5 + contrast / 0.25) / 2, 1e-12));
  CHECK_THAT(finding.at("relative_mce").value(),
             WithinAbs(((shot - clean) / 0.4 + (contrast - clean) / 0.15) / 2, 1e-12));
  const Estimate& mce = finding.at("mce");
  CHECK(mce.method == "student_t");
  CHECK(*mce.upper > *mce.lower);

  const Finding alexnet =
      benchmark({.reference = CorruptionReference::alexnet}, half_reader(), halves(40, 4));
  CHECK(alexnet.at("mce").ok());
  CHECK(alexnet.at("relative_mce").ok());
  CHECK_THROWS_AS(
      CorruptionBenchmark({.severities = {1}, .reference = CorruptionReference::alexnet}),
      ValueError);
  CHECK_THROWS_AS(
      CorruptionBenchmark({.corruptions = {"saturate"}, .reference = CorruptionReference::alexnet}),
      ValueError);
  CHECK_THROWS_AS(
      CorruptionBenchmark({.reference = CorruptionReference::given, .reference_errors = {0.5}}),
      ValueError);
}

TEST_CASE("an answer that flips in every frame has flip probability one",
          "[robustness][corruption_benchmark]") {
  // translated by one pixel a frame, the column of light alternates between even and odd
  std::vector<float> x(20 * 64, 0);
  for (std::size_t i = 0; i < x.size(); i += 8) x[i + (i / 64) % 8] = 1;
  TensorDataset::Options options;
  options.bounds = {0.0, 1.0};
  const auto data =
      std::make_shared<TensorDataset>(Tensor::own(x, {20, 1, 8, 8}), Tensor(), options);
  const auto parity = toys::rowwise(2, [](const float* in, float* out) {
    out[0] = out[1] = 0;
    for (int p = 0; p < 64; ++p) out[p % 2] += in[p];
  });
  const Finding finding = benchmark({.corruptions = {"brightness"},
                                     .severities = {1},
                                     .perturbations = {"translate", "brightness"},
                                     .frames = 3},
                                    parity, data);
  INFO(finding.why);
  CHECK(finding.at("flip_probability{perturbation=translate}").value() > 0.7);
  CHECK(finding.at("flip_probability{perturbation=brightness}").value() == 0);
  CHECK(finding.at("accuracy").status == Status::not_measured);
  CHECK(finding.at("changed{corruption=brightness}").ok());
}

TEST_CASE("the mean flip rate divides by the reference, and its interval is that of the samples",
          "[robustness][corruption_benchmark]") {
  const auto data = halves(60, 5, 0.02);
  const Finding finding = benchmark({.corruptions = {"brightness"},
                                     .severities = {1},
                                     .perturbations = {"translate", "gaussian_noise"},
                                     .reference_flips = {0.2, 0.05},
                                     .frames = 6},
                                    half_reader(), data);
  INFO(finding.why);
  // Counted again from the frames: noise against the first, translations (the middle frames)
  // against the frame before.
  const auto subject = half_reader();
  std::vector<SampleId> ids(60);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<SampleId>(i);
  const Tensor pictures = data->batch(ids).inputs.primary;
  std::vector<double> rate(60, 0);
  const auto labels = [&](robustness::Perturbation kind, int frame) {
    const Inputs inputs(robustness::perturb(pictures, kind, frame, ids, 0, std::pair(0.0, 1.0)));
    const Tensor out = dynamic_cast<Model&>(*subject).forward(inputs).output;
    std::vector<int> said;
    for (std::int64_t i = 0; i < 60; ++i)
      said.push_back(out.data<float>()[2 * i + 1] > out.data<float>()[2 * i]);
    return said;
  };
  double noise = 0;
  for (int f = 1; f < 6; ++f) {
    const auto first = labels(robustness::Perturbation::gaussian_noise, 0),
               now = labels(robustness::Perturbation::gaussian_noise, f),
               before = labels(robustness::Perturbation::translate, 12 + f - 1),
               then = labels(robustness::Perturbation::translate, 12 + f);
    for (std::size_t i = 0; i < 60; ++i) {
      noise += (first[i] != now[i]) / 300.0;
      rate[i] += (first[i] != now[i]) / (2 * 5 * 0.2) + (before[i] != then[i]) / (2 * 5 * 0.05);
    }
  }
  CHECK(noise > 0);
  CHECK_THAT(finding.at("flip_probability{perturbation=gaussian_noise}").value(),
             WithinAbs(noise, 1e-12));
  double mean = 0, square = 0;
  for (const double r : rate) mean += r / 60;
  for (const double r : rate) square += (r - mean) * (r - mean) / 59;
  const Estimate& found = finding.at("mean_flip_rate");
  CHECK_THAT(found.value(), WithinAbs(mean, 1e-9));
  CHECK(found.method == "student_t");
  CHECK_THAT(*found.upper - found.value(), WithinRel(2.000995 * std::sqrt(square / 60), 1e-5));
  const Estimate& share = finding.at("mean_flip_probability");
  CHECK(*share.lower < share.value());
  CHECK(*share.upper > share.value());
  CHECK_THROWS_AS(CorruptionBenchmark({.perturbations = {"scale"}, .reference_flips = {0.1, 0.2}}),
                  ValueError);
  CHECK_THROWS_AS(CorruptionBenchmark({.perturbations = {"scale"}, .reference_flips = {0}}),
                  ValueError);
}

TEST_CASE("the checks of the benchmark catch what they should and pass honest models",
          "[robustness][corruption_benchmark][check]") {
  const robustness::CorruptionBenchmarkOptions few{.corruptions = {"gaussian_noise", "zoom_blur"},
                                                   .severities = {1, 3, 5}};
  int calls = 0;
  const auto random = toys::rowwise(2, [&calls](const float*, float* out) {
    out[0] = 0;
    out[1] = (++calls * 7 % 13) < 6 ? 1 : -1;
  });
  const Finding shaky = benchmark(few, random, halves(80, 5));
  CHECK(toys::check_of(shaky, "severity_zero_equals_clean").result == Check::fail);
  CHECK(!shaky.doubts("accuracy").empty());

  TensorDataset::Options options;
  options.bounds = {0.0, 1.0};
  std::vector<std::int64_t> zeros(40, 0);
  const auto blank = std::make_shared<TensorDataset>(
      Tensor::own(std::vector<float>(40 * 144, 0.4F), {40, 1, 12, 12}), Tensor::own(zeros, {40}),
      options);
  CHECK(toys::check_of(benchmark({.corruptions = {"gaussian_blur"}}, half_reader(1), blank),
                       "inputs_change")
            .result == Check::fail);

  TensorDataset::Options wide;
  wide.bounds = {0.0, 255.0};
  const auto narrow = halves(40, 6);
  const auto misdeclared =
      std::make_shared<TensorDataset>(narrow->inputs(), narrow->target(), wide);
  CHECK(
      toys::check_of(benchmark(few, half_reader(), misdeclared), "inputs_fill_the_bounds").result ==
      Check::fail);

  // wrong on what is clean: three equal channels; right as soon as they differ
  std::vector<float> equal;
  std::vector<std::int64_t> target;
  for (std::int64_t i = 0; i < 60; ++i) {
    target.push_back(i % 2);
    for (std::int64_t p = 0; p < 3 * 144; ++p)
      equal.push_back((p % 12 >= 6) == (i % 2 == 1) ? 0.8F : 0.2F);
  }
  const auto grey = std::make_shared<TensorDataset>(Tensor::own(equal, {60, 3, 12, 12}),
                                                    Tensor::own(target, {60}), options);
  const auto exact = toys::rowwise(2, [](const float* x, float* out) {
    float sides[2] = {0, 0};
    for (int p = 0; p < 3 * 144; ++p) sides[p % 12 >= 6] += x[p];
    const bool clean = x[0] == x[144];
    out[0] = clean ? sides[1] : sides[0];
    out[1] = clean ? sides[0] : sides[1];
  });
  CHECK(
      toys::check_of(benchmark(few, exact, grey), "accuracy_does_not_rise_with_severity").result ==
      Check::fail);

  for (int seed = 0; seed < 20; ++seed) {
    const Finding honest = benchmark({.severities = {1, 3, 5}, .compat = CorruptionTable::cifar_c},
                                     half_reader(), halves(60, 30 + seed, 0.1 + 0.01 * seed));
    for (const Check& check : honest.checks) {
      INFO(check.name << ": " << check.why);
      CHECK(check.result == Check::pass);
    }
  }
}

TEST_CASE("grey images have no saturation, and what is no image is refused",
          "[robustness][corruption_benchmark][errors]") {
  const Finding grey = benchmark({.corruptions = {"saturate", "fog"}, .severities = {1}},
                                 half_reader(1), halves(20, 7, 0.25, 1));
  CHECK(grey.at("accuracy{corruption=saturate}").status == Status::not_measured);
  CHECK(grey.at("accuracy{corruption=fog}").ok());
  CHECK(grey.warnings.size() == 1);
  CHECK_THROWS_WITH(CorruptionBenchmark({.corruptions = {"fogg"}}), ContainsSubstring("'fog'"));
  CHECK_THROWS_AS(CorruptionBenchmark({.severities = {}}), ValueError);
  CHECK_THROWS_AS(CorruptionBenchmark({.severities = {1, 1}}), ValueError);
  CHECK_THROWS_AS(CorruptionBenchmark({.severities = {6}}), ValueError);
  CHECK_THROWS_AS(CorruptionBenchmark({.perturbations = {"shake"}}), ValueError);
  const auto rows = toys::dataset(toys::calibrated(30, 3, 1, 1));
  const Finding finding = benchmark({}, toys::echo(), rows);
  CHECK(finding.status == Status::not_measured);
}
