#include "leadline/torch/models/size.hpp"

#include <torch/nn/modules.h>

#include "../small_models.hpp"
#include "catch.hpp"

namespace nn = torch::nn;
using leadline::models::forward_work;

TEST_CASE("multiply-adds of a linear layer and a small net are those worked by hand",
          "[models][size]") {
  const auto linear = forward_work(*leadline::test::linear_model(), at::ones({2, 3}));
  CHECK(linear.multiply_adds == 2 * 2 * 3);
  CHECK(linear.rows == 2);
  CHECK(linear.uncounted.empty());

  const auto cnn = forward_work(*leadline::test::small_cnn(), at::ones({5, 1, 8, 8}));
  CHECK(cnn.multiply_adds == 5 * (4 * 64 * 9 + 6 * 64 * 4 * 9 + 3 * 96));
  CHECK(cnn.uncounted ==
        std::map<std::string, std::int64_t>{{"aten::avg_pool2d", 1}, {"aten::tanh", 2}});
  REQUIRE(cnn.layers.size() == 1);
  CHECK(cnn.layers[0].name.empty());
}

TEST_CASE("the work is given to the layer that does it", "[models][size]") {
  nn::Sequential net;
  net->push_back("up", nn::ConvTranspose2d(nn::ConvTranspose2dOptions(2, 4, 2).stride(2)));
  net->push_back("norm", nn::BatchNorm2d(4));
  net->push_back("depth", nn::Conv2d(nn::Conv2dOptions(4, 4, 3).groups(4).bias(false)));
  net->push_back("flat", nn::Flatten());
  net->push_back("drop", nn::Dropout(0.5));
  net->push_back("out", nn::Linear(4 * 36, 3));
  const auto model = leadline::models::from_module(net);
  const auto work = forward_work(*model, at::rand({1, 2, 4, 4}));
  REQUIRE(work.layers.size() == 3);
  CHECK(work.layers[0].name == "up");
  CHECK(work.layers[0].multiply_adds == 2 * 16 * 4 * 4);
  CHECK(work.layers[1].multiply_adds == 4 * 36 * 9);
  CHECK(work.layers[2].multiply_adds == 3 * 144);
  CHECK(work.uncounted == std::map<std::string, std::int64_t>{{"aten::batch_norm", 1}});

  const auto size = leadline::models::size_of(*model);
  CHECK(size.n_parameters == 2 * 4 * 4 + 4 + 8 + 36 + 3 * 144 + 3);
  CHECK(size.n_trainable == size.n_parameters);
  CHECK(size.bytes == 4 * (size.n_parameters + 8) + 8);  // running mean, variance, batches seen
}

TEST_CASE("attention and products inside composite operators are counted", "[models][size]") {
  const auto attend = leadline::models::from_function(
      [](at::Tensor x) { return at::scaled_dot_product_attention(x, x, x); }, {.name = "attend"});
  CHECK(forward_work(*attend, at::rand({2, 3, 5, 4})).multiply_adds == 2 * 3 * 5 * 5 * 8);
  const auto matmul = leadline::models::from_function(
      [](at::Tensor x) { return at::softmax(at::matmul(x, x.transpose(1, 2)), -1); },
      {.name = "m"});
  const auto work = forward_work(*matmul, at::rand({2, 3, 4}));
  CHECK(work.multiply_adds == 2 * 3 * 3 * 4);
  CHECK(work.uncounted == std::map<std::string, std::int64_t>{{"aten::softmax", 1}});
}

TEST_CASE("counting ends with the forward, also when it throws", "[models][size]") {
  const auto model = leadline::test::linear_model();
  CHECK_THROWS(forward_work(*model, at::ones({2, 5})));
  CHECK_FALSE(at::hasThreadLocalCallbacks());
  CHECK(forward_work(*model, at::ones({1, 3})).multiply_adds == 6);
}
