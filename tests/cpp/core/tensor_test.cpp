#include "leadline/core/tensor.hpp"

#include "catch.hpp"
#include "leadline/core/error.hpp"
#include "leadline/core/rows.hpp"

using leadline::DType;
using leadline::Tensor;

TEST_CASE("an owned tensor knows its shape and shares its bytes", "[core][tensor]") {
  const Tensor a = Tensor::own(std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3});
  const Tensor b = a;
  REQUIRE(b.data<float>() == a.data<float>());
  REQUIRE(a.describe() == "float32 [2, 3] on cpu");
  REQUIRE(a.matrix<float>()(1, 2) == 6.0F);
  REQUIRE(a.rows(1, 1).matrix<float>()(0, 0) == 4.0F);
  REQUIRE(a.rows(1, 1).data<float>() == a.data<float>() + 3);
}

TEST_CASE("a tensor refuses values that do not fill its shape", "[core][tensor]") {
  REQUIRE_THROWS_AS(Tensor::own(std::vector<float>{1, 2, 3}, {2, 2}), leadline::ShapeError);
  const Tensor a = Tensor::own(std::vector<float>{1, 2}, {2});
  REQUIRE_THROWS_AS(a.rows(1, 2), leadline::ShapeError);
  REQUIRE_THROWS_AS(a.data<double>(), leadline::TypeError);
  REQUIRE_THROWS_AS(Tensor().host(), leadline::TypeError);
}

TEST_CASE("host gathers any strides, also transposed and negative", "[core][tensor]") {
  const auto keep = std::make_shared<std::vector<std::int32_t>>(std::vector{0, 1, 2, 3, 4, 5});
  const std::int64_t shape[] = {2, 3};
  const Tensor plain = Tensor::borrow(keep->data(), DType::i32, shape, keep);
  auto layout = plain.layout();
  layout.shape = {3, 2};
  layout.strides = {1, 3};
  const Tensor transposed(layout, plain.owner());
  REQUIRE_FALSE(transposed.is_contiguous());
  REQUIRE_THROWS_AS(transposed.data<std::int32_t>(), leadline::TypeError);
  const Tensor host = transposed.host();
  REQUIRE(std::vector(host.data<std::int32_t>(), host.data<std::int32_t>() + 6) ==
          std::vector<std::int32_t>{0, 3, 1, 4, 2, 5});
  layout.shape = {6, 0};
  layout.rank = 1;
  layout.strides = {-1, 0};
  layout.data = keep->data() + 5;
  const Tensor reversed = Tensor(layout, plain.owner()).host();
  REQUIRE(reversed.data<std::int32_t>()[0] == 5);
  REQUIRE(reversed.data<std::int32_t>()[5] == 0);
}

TEST_CASE("host widens and never narrows", "[core][tensor]") {
  const Tensor half =
      Tensor::own(std::vector<Eigen::half>{Eigen::half(0.5F), Eigen::half(-2.0F)}, {2});
  REQUIRE(half.host(DType::f64).data<double>()[1] == -2.0);
  const Tensor brain = Tensor::own(std::vector<Eigen::bfloat16>{Eigen::bfloat16(1.5F)}, {1});
  REQUIRE(brain.host(DType::f32).data<float>()[0] == 1.5F);
  const Tensor bytes = Tensor::own(std::vector<std::uint8_t>{255}, {1});
  REQUIRE(bytes.host(DType::i16).data<std::int16_t>()[0] == 255);
  REQUIRE_THROWS_AS(bytes.host(DType::i8), leadline::TypeError);
  const Tensor wide = Tensor::own(std::vector<double>{0.1}, {1});
  REQUIRE_THROWS_AS(wide.host(DType::f32), leadline::TypeError);
  const Tensor big = Tensor::own(std::vector<std::int64_t>{1}, {1});
  REQUIRE_THROWS_AS(big.host(DType::f64), leadline::TypeError);
  REQUIRE_THROWS_WITH(wide.host(DType::i64), ContainsSubstring("widens to int64, got float64"));
}

TEST_CASE("a view reads tensors, vectors and Eigen arrays alike", "[core][rows]") {
  const Tensor images = Tensor::own(std::vector<float>(24, 1.0F), {2, 3, 4});
  const leadline::ArrayView flat(images);
  REQUIRE(flat.rows == 2);
  REQUIRE(flat.cols == 12);
  Eigen::ArrayXXd column_major(2, 2);
  column_major << 1, 2, 3, 4;
  REQUIRE(leadline::ArrayView(column_major).at(0, 1) == 2);
  REQUIRE_FALSE(leadline::ArrayView(column_major).is_contiguous());
  const Eigen::VectorXi vector = Eigen::VectorXi::LinSpaced(3, 0, 2);
  REQUIRE(leadline::ArrayView(vector).rank == 1);
  const std::vector<std::int64_t> labels{4, 5};
  const leadline::Column columns[] = {{"target", leadline::ArrayView(labels)}};
  const leadline::Rows rows{{}, {}, columns};
  REQUIRE(rows.size() == 2);
  REQUIRE(rows.at("target").at(1) == 5);
  REQUIRE_THROWS_WITH(rows.at("scores", "F1.update"),
                      "F1.update: expected a column 'scores', got columns target (the model must "
                      "give scores, not labels only)");
}
