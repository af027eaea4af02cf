// A user's program on LibTorch: a tensor goes through a leadline handle and comes back, unchanged.
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>

#include <iostream>

#include "leadline/torch/models/torch_model.hpp"

int main() {
  const at::Tensor x = at::arange(6, at::kFloat).reshape({2, 3});
  const at::Tensor back = leadline::to_aten(leadline::from_aten(x));
  if (back.data_ptr() != x.data_ptr() || !at::equal(back, x)) return 1;
  std::cout << "consumer ok: " << back.sizes() << "\n";
}
