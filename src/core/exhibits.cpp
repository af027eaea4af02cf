#include "leadline/core/exhibits.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <type_traits>

#include "leadline/core/error.hpp"
#include "leadline/core/rows.hpp"
#include "leadline/stats/random.hpp"

namespace leadline {
namespace detail::exhibits {

/// Pixels travel eight to an integer.
void pack(const std::vector<std::uint8_t>& pixels, std::vector<std::int64_t>& words) {
  for (std::size_t i = 0; i < pixels.size(); i += 8) {
    std::uint64_t word = 0;
    for (std::size_t j = i; j < std::min(i + 8, pixels.size()); ++j)
      word |= static_cast<std::uint64_t>(pixels[j]) << (8 * (j - i));
    words.push_back(static_cast<std::int64_t>(word));
  }
}

/// Reads a list front to back and refuses to run past its end.
template <class T>
class Reader {
 public:
  Reader(const std::vector<T>& values, std::string where)
      : values_(values), where_(std::move(where)) {}
  const T& next() {
    if (at_ >= values_.size()) bad("more values");
    return values_[at_++];
  }
  std::size_t count() requires std::is_same_v<T, std::int64_t> {
    const std::int64_t value = next();
    if (value < 0 || value > std::int64_t{1} << 28) bad("a count in [0, 2^28]");
    return static_cast<std::size_t>(value);
  }
  [[nodiscard]] std::size_t left() const { return values_.size() - at_; }
  [[noreturn]] void bad(std::string_view expected) const {
    throw StoreError("Exhibits.load", expected, "a truncated or edited list '" + where_ + "'",
                     "the saved state is damaged; run again");
  }

 private:
  const std::vector<T>& values_;
  std::string where_;
  std::size_t at_ = 0;
};

Image unpack(Reader<std::int64_t>& shape, Reader<std::int64_t>& words) {
  Image image;
  image.height = static_cast<std::int32_t>(shape.count());
  image.width = static_cast<std::int32_t>(shape.count());
  image.channels = static_cast<std::int32_t>(shape.count());
  const double size = double(image.height) * image.width * image.channels;
  if (size > 8.0 * static_cast<double>(words.left())) words.bad("the pixels of every picture");
  image.pixels.resize(static_cast<std::size_t>(size));
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    if (i % 8 == 0) word = static_cast<std::uint64_t>(words.next());
    image.pixels[i] = static_cast<std::uint8_t>(word >> (8 * (i % 8)));
  }
  return image;
}

struct Layout {
  std::int64_t height = 0, width = 0, channels = 1;
  std::int64_t along_y = 0, along_x = 0, along_c = 0;  // steps in elements inside one sample
};

std::optional<Layout> layout_of(const Tensor& inputs) {
  const auto shape = inputs.shape();
  const auto colours = [](std::int64_t c) { return c == 1 || c == 3; };
  if (shape.size() == 3) return Layout{shape[1], shape[2], 1, shape[2], 1, 0};
  if (shape.size() != 4) return std::nullopt;
  if (colours(shape[1]))
    return Layout{shape[2], shape[3], shape[1], shape[3], 1, shape[2] * shape[3]};
  if (colours(shape[3]))
    return Layout{shape[1], shape[2], shape[3], shape[2] * shape[3], shape[3], 1};
  return std::nullopt;
}

}  // namespace detail::exhibits

bool Exhibits::before(double severity, SampleId id, const Exhibit& other) const {
  if (severity != other.severity) return severity > other.severity;
  const auto key = [&](SampleId sample) {
    return std::pair(stats::mix64(seed_, static_cast<std::uint64_t>(sample)), sample);
  };
  return key(id) < key(other.id);
}

bool Exhibits::wants(SampleId id, double severity) const {
  for (const Exhibit& exhibit : kept_)
    if (exhibit.id == id) return severity > exhibit.severity;
  return std::ssize(kept_) < capacity_ || (capacity_ > 0 && before(severity, id, kept_.back()));
}

void Exhibits::add(Exhibit exhibit) {
  if (!wants(exhibit.id, exhibit.severity)) return;
  std::erase_if(kept_, [&](const Exhibit& old) { return old.id == exhibit.id; });
  const auto place = std::find_if(kept_.begin(), kept_.end(), [&](const Exhibit& old) {
    return before(exhibit.severity, exhibit.id, old);
  });
  kept_.insert(place, std::move(exhibit));
  if (std::ssize(kept_) > capacity_) kept_.pop_back();
}

void Exhibits::merge(const Exhibits& other) {
  for (const Exhibit& exhibit : other.kept_) add(exhibit);
}

void Exhibits::save(State& state, std::string_view key) const {
  std::vector<std::int64_t> ids, shape, words, sizes;
  std::vector<double> severity, overlay;
  std::vector<std::string> texts;
  for (const Exhibit& e : kept_) {
    ids.insert(ids.end(), {e.id, static_cast<std::int64_t>(e.kind)});
    severity.push_back(e.severity);
    texts.insert(texts.end(), {e.title, e.caption});
    sizes.insert(sizes.end(), {std::ssize(e.images), std::ssize(e.labels), std::ssize(e.values),
                               std::ssize(e.overlay)});
    for (const Image& image : e.images) {
      shape.insert(shape.end(), {image.height, image.width, image.channels});
      detail::exhibits::pack(image.pixels, words);
    }
    texts.insert(texts.end(), e.labels.begin(), e.labels.end());
    texts.insert(texts.end(), e.values.begin(), e.values.end());
    overlay.insert(overlay.end(), e.overlay.begin(), e.overlay.end());
  }
  const std::string prefix(key);
  state.set(prefix + ".id", std::move(ids)).set(prefix + ".shape", std::move(shape));
  state.set(prefix + ".pixels", std::move(words)).set(prefix + ".sizes", std::move(sizes));
  state.set(prefix + ".severity", std::move(severity)).set(prefix + ".overlay", std::move(overlay));
  state.set(prefix + ".texts", std::move(texts));
}

void Exhibits::load(const State& state, std::string_view key) {
  using namespace detail::exhibits;
  const std::string prefix(key);
  Reader ids(state.integers(prefix + ".id"), prefix + ".id");
  Reader shape(state.integers(prefix + ".shape"), prefix + ".shape");
  Reader words(state.integers(prefix + ".pixels"), prefix + ".pixels");
  Reader sizes(state.integers(prefix + ".sizes"), prefix + ".sizes");
  Reader severity(state.numbers(prefix + ".severity"), prefix + ".severity");
  Reader overlay(state.numbers(prefix + ".overlay"), prefix + ".overlay");
  Reader texts(state.texts(prefix + ".texts"), prefix + ".texts");
  Exhibits loaded(seed_, capacity_);
  while (ids.left() > 0) {
    Exhibit e;
    e.id = ids.next();
    const std::int64_t kind = ids.next();
    if (kind < 0 || kind > Exhibit::row) ids.bad("a kind of exhibit");
    e.kind = static_cast<Exhibit::Kind>(kind);
    e.severity = severity.next();
    if (!std::isfinite(e.severity)) severity.bad("a finite severity");
    e.title = texts.next();
    e.caption = texts.next();
    const std::size_t n_images = sizes.count(), n_labels = sizes.count(), n_values = sizes.count(),
                      n_overlay = sizes.count();
    for (std::size_t i = 0; i < n_images; ++i) e.images.push_back(unpack(shape, words));
    for (std::size_t i = 0; i < n_labels; ++i) e.labels.push_back(texts.next());
    for (std::size_t i = 0; i < n_values; ++i) e.values.push_back(texts.next());
    for (std::size_t i = 0; i < n_overlay; ++i) e.overlay.push_back(overlay.next());
    loaded.add(std::move(e));
  }
  kept_ = std::move(loaded.kept_);
}

std::optional<Image> image_of(const Tensor& inputs, std::int64_t row,
                              std::optional<std::pair<double, double>> bounds) {
  const auto layout = detail::exhibits::layout_of(inputs);
  if (!layout || row < 0 || row >= inputs.size(0)) return std::nullopt;
  const Tensor host = inputs.rows(row, 1).host();
  Image image{static_cast<std::int32_t>(layout->height),
              static_cast<std::int32_t>(layout->width),
              static_cast<std::int32_t>(layout->channels),
              {}};
  image.pixels.resize(static_cast<std::size_t>(host.n_elements()));
  visit(ArrayView(host), [&](const auto* values) {
    double low = 0, high = 1;
    if (bounds) {
      std::tie(low, high) = *bounds;
    } else if (!image.pixels.empty()) {
      low = high = static_cast<double>(values[0]);
      for (std::size_t i = 0; i < image.pixels.size(); ++i) {
        low = std::min(low, static_cast<double>(values[i]));
        high = std::max(high, static_cast<double>(values[i]));
      }
    }
    const double scale = high > low ? 255.0 / (high - low) : 0.0;
    std::size_t out = 0;
    for (std::int64_t y = 0; y < layout->height; ++y)
      for (std::int64_t x = 0; x < layout->width; ++x)
        for (std::int64_t c = 0; c < layout->channels; ++c) {
          const double value = static_cast<double>(
              values[y * layout->along_y + x * layout->along_x + c * layout->along_c]);
          const double level = std::round((value - low) * scale);
          image.pixels[out++] =
              static_cast<std::uint8_t>(level >= 0 ? std::min(level, 255.0) : 0.0);
        }
  });
  return image;
}

}  // namespace leadline
