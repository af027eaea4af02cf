/// Where does the model do worst? A search over segments of a table, corrected for having searched.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "leadline/core/catalog.hpp"
#include "leadline/core/estimate.hpp"
#include "leadline/core/table.hpp"

namespace leadline::fairness {

/// How the search pays for having looked at many segments.
enum class SearchCorrection : std::uint8_t {
  permutation,  // p-values against the largest statistic of the whole search on permuted losses
  split,        // found on one half of the samples, judged (Holm) and estimated on the other
};
[[nodiscard]] constexpr auto names_of(std::type_identity<SearchCorrection>) {
  return std::array<std::string_view, 2>{"permutation", "split"};
}

struct WeakSlicesOptions {
  std::int64_t depth = 2;
  std::int64_t bins = 4;
  std::int64_t min_support = 50;
  std::int64_t top = 10;
  SearchCorrection correction = SearchCorrection::permutation;
  std::int64_t permutations = 199;
  double level = 0.95;
  std::int64_t seed = 0;
  static Fields fields() {
    return {
        field("depth", &WeakSlicesOptions::depth, "Columns joined at once.").at_least(1).at_most(2),
        field("bins", &WeakSlicesOptions::bins, "Quantile bins of a column of numbers.")
            .at_least(2)
            .at_most(20),
        field("min_support", &WeakSlicesOptions::min_support, "Least size of a segment.")
            .at_least(2)
            .in("samples"),
        field("top", &WeakSlicesOptions::top, "Segments reported at most.").at_least(1),
        field("correction", &WeakSlicesOptions::correction, "How the search is paid for."),
        field("permutations", &WeakSlicesOptions::permutations,
              "Shuffles of the losses; the least p-value is 1 / (permutations + 1).")
            .at_least(19),
        field("level", &WeakSlicesOptions::level, "Coverage of the intervals.").above(0).below(1),
        field("seed", &WeakSlicesOptions::seed, "Of the shuffles or of the split.")};
  }
};

/// A segment with a higher loss than the rest.
struct WeakSlice {
  std::string name;  // "age=[40, 52),sex=f"
  std::int64_t n = 0;
  Estimate loss;         // mean loss inside
  Estimate difference;   // inside minus outside; the lower end holds for every segment searched
  double statistic = 0;  // standard deviations above what a random segment of its size shows
  double p_value = 1;    // adjusted for the search
};

struct SliceSearch {
  Estimate overall;                           // mean loss
  std::vector<WeakSlice> slices;              // the weakest first
  std::int64_t n_searched = 0;                // segments compared: the size of the family
  std::vector<std::string> columns, skipped;  // skipped: too many levels, or one only
  std::string correction;
  double level = 0.95;
  /// Those whose adjusted p-value is at most 1 - level.
  [[nodiscard]] LEADLINE_API std::vector<WeakSlice> significant() const;
};

/// Searches every level of every column and every pair of levels of two columns for a mean loss
/// above that of the rest.
///
/// `loss` [n]: 1 for a mistake and 0 else, or any finite loss. Columns of numbers (and of more than
/// 20 distinct integers) are cut at quantiles; missing is a level of its own; texts and categories
/// of more than 50 levels are skipped.
/// Statistic: (sum in the segment - its mean over permutations) / its standard deviation over
/// permutations. With `permutation` p-values are single-step max-T (Westfall and Young 1993): the
/// chance of any false alarm is at most 1 - level, whatever the dependence between segments.
/// Cost: permutations * columns^2 / 2 * n additions.
/// Throws ShapeError (lengths), ValueError (a loss that is not finite, options out of range).
[[nodiscard]] LEADLINE_API SliceSearch find_weak_slices(const Table& table,
                                                        std::span<const double> loss,
                                                        const WeakSlicesOptions& options = {});

}  // namespace leadline::fairness
