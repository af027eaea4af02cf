#include <fmt/format.h>

#include <cmath>

#include "leadline/core/catalog.hpp"
#include "leadline/core/error.hpp"
#include "leadline/robustness/corruption.hpp"
#include "parameters.hpp"

namespace leadline::detail::corruption {
namespace {

/// Five severities of one corruption.
using Rows = std::array<Parameters, 5>;

/// make_imagenet_c.py. Elastic: shares of the side; the published 244 of 224 pixels is kept.
constexpr double typo = 244.0 / 224.0;
constexpr std::array<Rows, robustness::n_corruptions> imagenet{{
    {{{.08}, {.12}, {.18}, {.26}, {.38}}},
    {{{60}, {25}, {12}, {5}, {3}}},
    {{{.03}, {.06}, {.09}, {.17}, {.27}}},
    {{{3, .1}, {4, .5}, {6, .5}, {8, .5}, {10, .5}}},
    {{{.7, 1, 2}, {.9, 2, 1}, {1, 2, 3}, {1.1, 3, 2}, {1.5, 4, 2}}},
    {{{10, 3}, {15, 5}, {15, 8}, {15, 12}, {20, 15}}},
    {{{1.11, .01}, {1.16, .01}, {1.21, .02}, {1.26, .02}, {1.31, .03}}},
    {{{.1, .3, 3, .5, 10, 4, .8},
      {.2, .3, 2, .5, 12, 4, .7},
      {.55, .3, 4, .9, 12, 8, .7},
      {.55, .3, 4.5, .85, 12, 8, .65},
      {.55, .3, 2.5, .85, 12, 12, .55}}},
    {{{1, .4}, {.8, .6}, {.7, .7}, {.65, .7}, {.6, .75}}},
    {{{1.5, 2}, {2, 2}, {2.5, 1.7}, {2.5, 1.5}, {3, 1.4}}},
    {{{.1}, {.2}, {.3}, {.4}, {.5}}},
    {{{.4}, {.3}, {.2}, {.1}, {.05}}},
    {{{2 * typo, .7 * typo, .1 * typo},
      {2 * typo, .08 * typo, .2 * typo},
      {.05 * typo, .01 * typo, .02 * typo},
      {.07 * typo, .01 * typo, .02 * typo},
      {.12 * typo, .01 * typo, .02 * typo}}},
    {{{.6}, {.5}, {.4}, {.3}, {.25}}},
    {{{25}, {18}, {15}, {10}, {7}}},
    {{{.15}, {.2}, {.35}, {.45}, {.6}}},
    {{{1}, {2}, {3}, {4}, {6}}},
    {{{.65, .3, 4, .69, .6, 0},
      {.65, .3, 3, .68, .6, 0},
      {.65, .3, 2, .68, .5, 0},
      {.65, .3, 1, .65, 1.5, 1},
      {.67, .4, 1, .65, 1.5, 1}}},
    {{{.3, 0}, {.1, 0}, {2, 0}, {5, .1}, {20, .2}}},
}};

/// make_cifar_c.py.
constexpr std::array<Rows, robustness::n_corruptions> cifar{{
    {{{.04}, {.06}, {.08}, {.09}, {.10}}},
    {{{500}, {250}, {100}, {75}, {50}}},
    {{{.01}, {.02}, {.03}, {.05}, {.07}}},
    {{{.3, .4}, {.4, .5}, {.5, .6}, {1, .2}, {1.5, .1}}},
    {{{.05, 1, 1}, {.25, 1, 1}, {.4, 1, 1}, {.25, 1, 2}, {.4, 1, 2}}},
    {{{6, 1}, {6, 1.5}, {6, 2}, {8, 2}, {9, 2.5}}},
    {{{1.06, .01}, {1.11, .01}, {1.16, .01}, {1.21, .01}, {1.26, .01}}},
    {{{.1, .2, 1, .6, 8, 3, .95},
      {.1, .2, 1, .5, 10, 4, .9},
      {.15, .3, 1.75, .55, 10, 4, .9},
      {.25, .3, 2.25, .6, 12, 6, .85},
      {.3, .3, 1.25, .65, 14, 12, .8}}},
    {{{1, .2}, {1, .3}, {.9, .4}, {.85, .4}, {.75, .45}}},
    {{{.2, 3}, {.5, 3}, {.75, 2.5}, {1, 2}, {1.5, 1.75}}},
    {{{.05}, {.1}, {.15}, {.2}, {.3}}},
    {{{.75}, {.5}, {.4}, {.3}, {.15}}},
    {{{0, 0, .08}, {.05, .2, .07}, {.08, .06, .06}, {.1, .04, .05}, {.1, .03, .03}}},
    {{{.95}, {.9}, {.85}, {.75}, {.65}}},
    {{{80}, {65}, {58}, {50}, {40}}},
    {{{.06}, {.1}, {.12}, {.16}, {.2}}},
    {{{.4}, {.6}, {.7}, {.8}, {1}}},
    {{{.62, .1, .7, .7, .5, 0},
      {.65, .1, .8, .7, .5, 0},
      {.65, .3, 1, .69, .5, 0},
      {.65, .1, .7, .69, .6, 1},
      {.65, .1, .5, .68, .6, 1}}},
    {{{.3, 0}, {.1, 0}, {1.5, 0}, {2, .1}, {2.5, .2}}},
}};

/// How many parameters each has, in the order of the enum.
constexpr std::array<std::size_t, robustness::n_corruptions> n_parameters{
    1, 1, 1, 2, 3, 2, 2, 7, 2, 2, 1, 1, 3, 1, 1, 1, 1, 6, 2};

struct Family {
  std::string_view name;
  std::size_t first, last;  // [first, last) of the enum
};
constexpr std::array<Family, 7> families{{{"noise", 0, 3},
                                          {"blur", 3, 7},
                                          {"weather", 7, 11},
                                          {"digital", 11, 15},
                                          {"common", 0, robustness::n_common_corruptions},
                                          {"validation", 15, 19},
                                          {"all", 0, 19}}};

}  // namespace

Parameters parameters_at(robustness::Corruption kind, double severity,
                         robustness::CorruptionTable compat) {
  const auto& table = compat == robustness::CorruptionTable::imagenet_c ? imagenet : cifar;
  const Rows& rows = table[static_cast<std::size_t>(kind)];
  const double place = std::clamp(severity - 1, 0.0, 4.0);
  const auto low = std::min<std::size_t>(3, static_cast<std::size_t>(place));
  const double weight = place - static_cast<double>(low);
  Parameters out{};
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = weight == 0   ? rows[low][i]
             : weight == 1 ? rows[low + 1][i]
                           : (1 - weight) * rows[low][i] + weight * rows[low + 1][i];
  return out;
}

}  // namespace leadline::detail::corruption

namespace leadline::robustness {

std::vector<Corruption> corruptions_of(std::string_view who, std::span<const std::string> names) {
  using detail::corruption::families;
  constexpr auto known = names_of(std::type_identity<Corruption>{});
  std::array<bool, n_corruptions> wanted{};
  for (const std::string& name : names) {
    const auto* family = std::find_if(families.begin(), families.end(),
                                      [&](const auto& f) { return f.name == name; });
    const auto* one = std::find(known.begin(), known.end(), name);
    if (family != families.end()) {
      std::fill(wanted.begin() + static_cast<std::ptrdiff_t>(family->first),
                wanted.begin() + static_cast<std::ptrdiff_t>(family->last), true);
    } else if (one != known.end()) {
      wanted[static_cast<std::size_t>(one - known.begin())] = true;
    } else {
      std::vector<std::string_view> all(known.begin(), known.end());
      for (const auto& f : families) all.push_back(f.name);
      const auto nearest = nearest_name(name, all);
      throw ValueError(who, "a corruption or a family of them", "'" + name + "'",
                       nearest.empty() ? "corruption_names() lists them"
                                       : fmt::format("did you mean '{}'?", nearest));
    }
  }
  std::vector<Corruption> out;
  for (std::size_t i = 0; i < n_corruptions; ++i)
    if (wanted[i]) out.push_back(static_cast<Corruption>(i));
  return out;
}

std::vector<double> corruption_parameters(Corruption kind, double severity,
                                          CorruptionTable compat) {
  if (!(severity >= 1 && severity <= 5))
    throw ValueError("corruption_parameters", "a severity in [1, 5]", fmt::format("{}", severity),
                     "below 1 images are blended instead");
  const auto all = detail::corruption::parameters_at(kind, severity, compat);
  const std::size_t n = detail::corruption::n_parameters[static_cast<std::size_t>(kind)];
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n)};
}

}  // namespace leadline::robustness
