/// Small helpers of the engine that need no run.
#pragma once

#include <string>
#include <string_view>

#include "leadline/core/subject.hpp"

namespace leadline::detail::engine {

/// "2026-11-21T10:00:00Z".
[[nodiscard]] std::string now_utc();
/// Whether `text` has the form of `now_utc`; such texts order by time.
[[nodiscard]] bool is_utc(std::string_view text);
/// Throws ValueError unless `role` is "train", "fit", "calibration" or "ood/<name>", TypeError
/// without data.
void check_role(std::string_view role, bool has_data);
/// What an output of a model that does not say so is: integers are labels; floats with a floating
/// target are values; probabilities when every row lies in [0, 1] and sums to 1 within 1e-3 (a
/// single column: lies in [0, 1]); else logits.
[[nodiscard]] OutputKind kind_of(const Tensor& output, const Tensor& target);
/// Whether the data can only be read forward.
[[nodiscard]] bool is_stream(const Dataset& data);
/// The message of the exception now handled.
[[nodiscard]] std::string current_message();

}  // namespace leadline::detail::engine
