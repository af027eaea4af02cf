#include "core/numbers.hpp"

#include <string>

#include "core/bindings.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/tensor.hpp"

namespace leadline::bindings {
namespace {

Tensor given_in(py::handle values, std::string_view who, std::string_view what) {
  if (values.is_none())
    throw TypeError(who, std::string(what) + " as numbers", "None",
                    "pass a NumPy array, a torch tensor or a list");
  return tensor_in(values, who, what).host();
}

std::vector<double> widened(const Tensor& given, std::string_view who, std::string_view what) {
  if (given.dtype() != DType::i64) {
    const Tensor wide = given.host(DType::f64);
    return {wide.data<double>(), wide.data<double>() + wide.n_elements()};
  }
  constexpr std::int64_t most = std::int64_t{1} << 53;
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(given.n_elements()));
  for (std::int64_t i = 0; i < given.n_elements(); ++i) {
    const std::int64_t value = given.data<std::int64_t>()[i];
    if (value > most || value < -most)
      throw ValueError(who, std::string(what) + " that a double holds",
                       std::to_string(value) + " at position " + std::to_string(i),
                       "keep integers within 2^53, or convert them with a loss you accept");
    out.push_back(static_cast<double>(value));
  }
  return out;
}

}  // namespace

std::vector<double> doubles_in(py::handle values, std::string_view who, std::string_view what) {
  return widened(given_in(values, who, what), who, what);
}

std::vector<double> numbers_in(py::handle values, std::string_view who, std::string_view what) {
  const Tensor given = given_in(values, who, what);
  if (given.rank() != 1 && !(given.rank() == 2 && given.size(1) == 1))
    throw ShapeError(who, std::string(what) + " of shape [n]", shape_text(given.shape()),
                     "pass one value a sample");
  return widened(given, who, what);
}

std::vector<double> weights_in(py::handle weights, std::string_view who) {
  return weights.is_none() ? std::vector<double>{} : numbers_in(weights, who, "weights");
}

}  // namespace leadline::bindings
