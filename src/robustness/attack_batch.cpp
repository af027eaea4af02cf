#include "attack_batch.hpp"

#include <algorithm>
#include <cstring>

#include "leadline/core/error.hpp"

namespace leadline::detail::attack_engine {
namespace {

/// Rows of one extra input, picked from the chunks of `places`.
Tensor pick(const std::string& name, const Tensor& like, std::span<const Place> places) {
  auto shape = std::vector<std::int64_t>(like.shape().begin(), like.shape().end());
  const std::size_t row_bytes =
      static_cast<std::size_t>(like.n_elements() / shape[0]) * bytes_of(like.dtype());
  std::vector<std::byte> bytes(row_bytes * places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Live& live = *places[i].live;
    std::memcpy(bytes.data() + i * row_bytes,
                static_cast<const std::byte*>(live.chunk().extras.at(name).layout().data) +
                    static_cast<std::size_t>(live.chunk_row()) * row_bytes,
                row_bytes);
  }
  shape[0] = std::ssize(places);
  return Tensor::copy(bytes.data(), like.dtype(), shape);
}

}  // namespace

void Batches::load(std::size_t first) {
  const std::size_t n =
      std::min<std::size_t>(static_cast<std::size_t>(plan_.batch_size), rows_.size() - first);
  std::vector<SampleId> ids;
  for (std::size_t i = 0; i < n; ++i) ids.push_back(rows_[first + i].id);
  const Inputs inputs = io_.fetch(ids);
  auto chunk = std::make_shared<Chunk>();
  chunk->primary = inputs.primary.host();
  attack_space::check_inputs(chunk->primary, static_cast<std::int64_t>(n), plan_);
  for (const auto& [name, value] : inputs.extras) chunk->extras[name] = value.host();
  if (buffer_ == nullptr) {
    space_ = attack_space::make_space(chunk->primary, plan_);
    buffer_ = attack_space::make_buffer(space_, chunk->primary.dtype());
  } else if (chunk->primary.n_elements() != static_cast<std::int64_t>(n) * space_.n_values) {
    throw ShapeError("attack", "samples of one shape, " + shape_text(space_.shape),
                     chunk->primary.describe(), "attack samples of each shape on their own");
  }
  chunk_ = std::move(chunk);
  first_ = first;
}

std::unique_ptr<Live> Batches::begin(std::size_t position, const AttackMethod& method) {
  if (chunk_ == nullptr || position >= first_ + static_cast<std::size_t>(chunk_->primary.size(0)))
    load(position);
  return std::make_unique<Live>(plan_, space_, method, rows_[position], position, chunk_,
                                static_cast<std::int64_t>(position - first_), io_);
}

Inputs Batches::assemble(std::span<const Place> places) {
  buffer_->reset(std::ssize(places));
  for (std::size_t i = 0; i < places.size(); ++i) {
    Live& live = *places[i].live;
    buffer_->place(static_cast<std::int64_t>(i), live.chunk().primary, live.chunk_row(),
                   live.clean(), live.point(places[i].point));
  }
  Inputs inputs(buffer_->take());
  for (const auto& [name, like] : places.front().live->chunk().extras)
    inputs.extras[name] = pick(name, like, places);
  return inputs;
}

Tensor Batches::one(Live& live, std::vector<double> x) const {
  const auto buffer = attack_space::make_buffer(space_, live.chunk().primary.dtype());
  buffer->reset(1);
  buffer->place(0, live.chunk().primary, live.chunk_row(), live.clean(), x);
  return buffer->take();
}

}  // namespace leadline::detail::attack_engine
