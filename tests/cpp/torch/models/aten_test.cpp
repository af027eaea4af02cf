#include <ATen/ATen.h>

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/torch/models/torch_model.hpp"

using leadline::DType;
using leadline::from_aten;
using leadline::to_aten;

TEST_CASE("a tensor that went through a handle is the same tensor", "[models][aten]") {
  const at::Tensor x = at::rand({4, 3}).requires_grad_();
  const at::Tensor y = x * 2;
  CHECK(to_aten(from_aten(y)).is_same(y));
  CHECK(to_aten(from_aten(y)).grad_fn() == y.grad_fn());
  CHECK(from_aten(y).layout().data == y.const_data_ptr());
}

TEST_CASE("rows of a handle stay a view in the graph", "[models][aten]") {
  const at::Tensor x = at::arange(12, at::kFloat).view({4, 3}).requires_grad_();
  const at::Tensor part = to_aten(from_aten(x).rows(1, 2));
  CHECK(at::equal(part.detach(), x.detach().slice(0, 1, 3)));
  CHECK(part.const_data_ptr() == x.slice(0, 1, 3).const_data_ptr());
  CHECK(part.requires_grad());
}

TEST_CASE("strides and offsets survive both ways", "[models][aten]") {
  const at::Tensor x = at::arange(24, at::kInt).view({2, 3, 4});
  const at::Tensor y = x.permute({2, 0, 1}).slice(0, 1, 3);
  const leadline::Tensor handle = from_aten(y);
  CHECK(handle.layout().strides[0] == 1);
  CHECK_FALSE(handle.is_contiguous());
  CHECK(at::equal(to_aten(handle.host()), y.contiguous()));
}

TEST_CASE("host memory becomes a tensor without a copy and outlives its handle", "[models][aten]") {
  at::Tensor x;
  const void* data = nullptr;
  {
    const auto handle = leadline::Tensor::own(std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3});
    data = handle.layout().data;
    x = to_aten(handle);
  }
  CHECK(x.const_data_ptr() == data);
  CHECK(x.sum().item<float>() == 21.0f);
}

TEST_CASE("every dtype of a handle has its twin", "[models][aten]") {
  const std::pair<at::ScalarType, DType> twins[] = {
      {at::kHalf, DType::f16},   {at::kBFloat16, DType::bf16}, {at::kFloat, DType::f32},
      {at::kDouble, DType::f64}, {at::kByte, DType::u8},       {at::kChar, DType::i8},
      {at::kShort, DType::i16},  {at::kInt, DType::i32},       {at::kLong, DType::i64},
      {at::kBool, DType::b8}};
  for (const auto& [theirs, ours] : twins) {
    const at::Tensor x = at::ones({2, 2}, theirs);
    CHECK(from_aten(x).dtype() == ours);
    const auto copy = leadline::Tensor::copy(x.const_data_ptr(), ours, from_aten(x).shape());
    CHECK(to_aten(copy).scalar_type() == theirs);
    CHECK(at::equal(to_aten(copy), x));
  }
}

TEST_CASE("what a handle cannot hold is refused with a remedy", "[models][aten]") {
  CHECK_THROWS_WITH(from_aten(at::eye(3).to_sparse()), ContainsSubstring("to_dense"));
  CHECK_THROWS_AS(from_aten(at::eye(3).to_sparse()), leadline::TypeError);
  CHECK_THROWS_WITH(from_aten(at::ones({2}, at::kComplexFloat)),
                    ContainsSubstring("real and imaginary"));
  CHECK_THROWS_WITH(from_aten(at::quantize_per_tensor(at::ones({2}), 0.1, 0, at::kQInt8)),
                    ContainsSubstring("dequantize"));
  CHECK_THROWS_AS(from_aten(at::ones({1, 1, 1, 1, 1, 1, 1, 1, 1})), leadline::ShapeError);
  CHECK_THROWS_AS(from_aten(at::empty({2}, at::TensorOptions().device(at::kMeta))),
                  leadline::TypeError);
  CHECK_THROWS_AS(from_aten(at::Tensor()), leadline::TypeError);
  CHECK_THROWS_AS(to_aten(leadline::Tensor()), leadline::TypeError);
}

TEST_CASE("an empty tensor and a scalar pass", "[models][aten]") {
  CHECK(to_aten(from_aten(at::ones({0, 3}))).size(0) == 0);
  CHECK(from_aten(at::scalar_tensor(3.0)).rank() == 0);
  CHECK(to_aten(leadline::Tensor::own(std::vector<float>{}, {0, 3})).numel() == 0);
}
