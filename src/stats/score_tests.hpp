/// Signed roots of the score statistics that the intervals of two rates invert; each falls with its
/// last argument, and the interval is where it lies within the two-sided normal quantile.
#pragma once

namespace leadline::stats::detail::two_proportions {

struct Table {
  double k1, n1, k2, n2;
};

/// Miettinen and Nurminen's, of p1 - p2 = d.
double score_of_difference(const Table& t, double d);
/// Koopman's, of p1 / p2 = r.
double score_of_ratio(const Table& t, double r);
/// Tango's, of the paired difference d, from the discordant counts of n pairs.
double score_of_pairs(double only_first, double only_second, double n, double d);

}  // namespace leadline::stats::detail::two_proportions
