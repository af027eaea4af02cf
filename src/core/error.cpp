#include "leadline/core/error.hpp"

namespace leadline {
namespace detail::error {

std::string compose(std::string_view where, std::string_view expected, std::string_view got,
                    std::string_view remedy) {
  std::string text;
  text.reserve(where.size() + expected.size() + got.size() + remedy.size() + 24);
  text.append(where).append(": expected ").append(expected).append(", got ").append(got);
  if (!remedy.empty()) text.append(" (").append(remedy).append(")");
  return text;
}

}  // namespace detail::error

Error::Error(std::string_view where, std::string_view expected, std::string_view got,
             std::string_view remedy)
    : std::runtime_error(detail::error::compose(where, expected, got, remedy)),
      where_(where),
      expected_(expected),
      got_(got),
      remedy_(remedy) {}

Error::~Error() = default;
ValueError::~ValueError() = default;
TypeError::~TypeError() = default;
ShapeError::~ShapeError() = default;
CapabilityError::~CapabilityError() = default;
DataError::~DataError() = default;
StoreError::~StoreError() = default;
Cancelled::~Cancelled() = default;

}  // namespace leadline
