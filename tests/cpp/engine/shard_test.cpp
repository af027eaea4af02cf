#include "engine/toys.hpp"

using namespace leadline;
using namespace toys;

namespace {

EvaluateOptions options_of(std::string out, Shard shard = {}) {
  EvaluateOptions options;
  options.also = {{"train", points(60, 0, 7)}, {"ood/far", points(30, 6, 9)}};
  options.batch_size = 8;
  options.out = std::move(out);
  options.shard = shard;
  return options;
}

std::vector<std::string> run_shards(const TemporaryDirectory& folder, std::int64_t count,
                                    DatasetPtr data, const Suite& all) {
  std::vector<std::string> paths;
  for (std::int64_t rank = 0; rank < count; ++rank) {
    paths.push_back(folder / ("shard" + std::to_string(rank)));
    const Report part =
        evaluate(std::make_shared<HalfPlane>(), data, all, options_of(paths.back(), {rank, count}));
    REQUIRE(part.partial);
    REQUIRE(part.find("task")->status == Status::not_measured);
  }
  return paths;
}

/// Findings alone: shards differ from a whole run in their provenance.
std::string findings(Report report) {
  report.provenance.clear();
  return without_times(std::move(report));
}

}  // namespace

TEST_CASE("shards merge to the report of the whole run", "[engine][shards]") {
  const std::int64_t count = GENERATE(1, 2, 3, 7);
  TemporaryDirectory folder;
  Suite counts;
  counts.add(right()).add(Push{}).add(Centre{});
  const Report whole =
      evaluate(std::make_shared<HalfPlane>(), points(100), counts, options_of(folder / "whole"));
  if (count == 1) return;
  auto paths = run_shards(folder, count, points(100), counts);
  std::reverse(paths.begin(), paths.end());
  auto model = std::make_shared<HalfPlane>();
  const Report merged = merge_shards(model, points(100), counts, paths, options_of(folder / "all"));
  REQUIRE(model->rows == 0);
  REQUIRE_FALSE(merged.partial);
  REQUIRE(findings(merged) == findings(whole));
  REQUIRE(Report::load(folder / "all/report.json")["task.right"].n == 100);
}

TEST_CASE("means of shards agree with the whole run to rounding", "[engine][shards]") {
  TemporaryDirectory folder;
  const auto whole = evaluate(std::make_shared<HalfPlane>(), points(100), suite(),
                              options_of(folder / "whole"))["margin.margin"];
  const auto paths = run_shards(folder, 3, points(100), suite());
  const auto merged = merge_shards(std::make_shared<HalfPlane>(), points(100), suite(), paths,
                                   options_of({}))["margin.margin"];
  REQUIRE(merged.n == whole.n);
  REQUIRE_THAT(merged.value(), WithinRel(whole.value(), 1e-12));
  REQUIRE_THAT(*merged.lower, WithinRel(*whole.lower, 1e-12));
}

TEST_CASE("a missing shard gives a partial report that says so", "[engine][shards]") {
  TemporaryDirectory folder;
  auto paths = run_shards(folder, 4, points(100), suite());
  paths.erase(paths.begin() + 3);  // shard 3 did the fourth probe, which cannot be split
  const Report merged =
      merge_shards(std::make_shared<HalfPlane>(), points(100), suite(), paths, options_of({}));
  REQUIRE(merged.partial);
  REQUIRE_THAT(merged.partial_why, ContainsSubstring("shard 3 of 4 is missing"));
  REQUIRE(merged["task.right"].n == 75);
  REQUIRE(merged.find("centre")->status == Status::not_measured);
  REQUIRE_THAT(merged.find("centre")->why, ContainsSubstring("shard 3"));
}

TEST_CASE("shards that overlap or belong elsewhere are refused", "[engine][shards]") {
  TemporaryDirectory folder;
  const auto paths = run_shards(folder, 2, points(50), suite());
  const auto merge = [&](const std::vector<std::string>& directories, std::uint64_t seed = 0) {
    auto options = options_of({});
    options.seed = seed;
    return merge_shards(std::make_shared<HalfPlane>(), points(50), suite(), directories, options);
  };
  REQUIRE_THROWS_AS(merge({paths[0], paths[0]}), StoreError);
  REQUIRE_THROWS_WITH(merge({paths[0], paths[0]}), ContainsSubstring("both shard 0"));
  REQUIRE_THROWS_AS(merge(paths, 1), StoreError);
  REQUIRE_THROWS_AS(merge({}), StoreError);
  REQUIRE_THROWS_AS(merge({folder / "nowhere"}), StoreError);
  TemporaryDirectory other;
  const auto thirds = run_shards(other, 3, points(50), suite());
  REQUIRE_THROWS_WITH(merge({paths[0], thirds[1]}), ContainsSubstring("cut in"));
}

TEST_CASE("a stream is sharded by batches", "[engine][shards]") {
  TemporaryDirectory folder;
  Suite one;
  one.add(right());
  const auto stream = std::make_shared<Stream>(points(100));
  const auto paths = run_shards(folder, 3, stream, one);
  const Report merged =
      merge_shards(std::make_shared<HalfPlane>(), stream, one, paths, options_of({}));
  REQUIRE(merged["task.right"].n == 100);
  REQUIRE(merged["task.right"].value() == 0.9);
}

TEST_CASE("shards of a stream cut in different batches are refused", "[engine][shards]") {
  TemporaryDirectory folder;
  Suite one;
  one.add(right());
  const auto stream = std::make_shared<Stream>(points(100));
  std::vector<std::string> paths;
  for (std::int64_t rank = 0; rank < 2; ++rank) {
    EvaluateOptions options{.batch_size = 8 + rank};
    options.out = folder / std::to_string(rank);
    options.shard = {rank, 2};
    paths.push_back(options.out);
    (void)evaluate(std::make_shared<HalfPlane>(), stream, one, options);
  }
  const auto merge = [&] {
    return merge_shards(std::make_shared<HalfPlane>(), stream, one, paths, {});
  };
  REQUIRE_THROWS_AS(merge(), StoreError);
  REQUIRE_THROWS_WITH(merge(), ContainsSubstring("one batch_size, 8 in '" + paths[0] + "'") &&
                                   ContainsSubstring("got 9 in '" + paths[1] + "'"));
}

TEST_CASE("shards that settled on different outputs are refused", "[engine][shards]") {
  TemporaryDirectory folder;
  Suite one;
  one.add(right());
  std::vector<std::string> paths;
  for (std::int64_t rank = 0; rank < 2; ++rank) {
    // Both kinds are guessed from numbers: here one shard sees numbers that sum to 1.
    auto model = std::make_shared<HalfPlane>();
    model->output = OutputKind::unknown;
    model->digest = "xxh3:same";
    model->probabilities = rank == 1;
    EvaluateOptions options = options_of(folder / std::to_string(rank), {rank, 2});
    paths.push_back(options.out);
    (void)evaluate(model, points(100), one, options);
  }
  auto model = std::make_shared<HalfPlane>();
  model->output = OutputKind::unknown;
  model->digest = "xxh3:same";
  REQUIRE_THROWS_WITH(merge_shards(model, points(100), one, paths, options_of({})),
                      ContainsSubstring("agree on what the model gives, logits") &&
                          ContainsSubstring("got probabilities") &&
                          ContainsSubstring("say output="));
}

TEST_CASE("batches of random access may differ between shards", "[engine][shards]") {
  TemporaryDirectory folder;
  Suite one;
  one.add(right());
  std::vector<std::string> paths;
  for (std::int64_t rank = 0; rank < 2; ++rank) {
    EvaluateOptions options{.batch_size = 8 + rank};
    options.out = folder / std::to_string(rank);
    options.shard = {rank, 2};
    paths.push_back(options.out);
    (void)evaluate(std::make_shared<HalfPlane>(), points(100), one, options);
  }
  REQUIRE(
      merge_shards(std::make_shared<HalfPlane>(), points(100), one, paths, {})["task.right"].n ==
      100);
}
