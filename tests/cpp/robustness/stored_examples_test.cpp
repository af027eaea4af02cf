#include <Eigen/Core>
#include <cstring>
#include <filesystem>

#include "catch.hpp"
#include "src/robustness/stored_examples.hpp"

using namespace leadline;

namespace stored_examples_test {

namespace stored = leadline::detail::stored_examples;

bool same_bytes(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && std::ranges::equal(a.shape(), b.shape()) &&
         std::memcmp(a.layout().data, b.layout().data,
                     static_cast<std::size_t>(a.n_elements()) * bytes_of(a.dtype())) == 0;
}

}  // namespace stored_examples_test

using namespace stored_examples_test;

TEST_CASE("examples come back from disk to the bit", "[robustness][stored_examples]") {
  const std::string folder =
      (std::filesystem::temp_directory_path() / "leadline_stored_examples").string();
  std::filesystem::create_directories(folder);
  for (const Tensor& examples :
       {Tensor::own(std::vector<float>{0.1F, -0.0F, 1e-42F, 3.0F}, {2, 2}),
        Tensor::own(std::vector<double>{0.1, 1e-320, 2.0}, {3, 1}),
        Tensor::own(std::vector<std::uint8_t>{0, 10, 26, 255}, {1, 2, 2}),
        Tensor::own(std::vector<Eigen::half>{Eigen::half(0.1F), Eigen::half(2.0F)}, {2, 1}),
        Tensor::own(std::vector<Eigen::bfloat16>{Eigen::bfloat16(0.1F)}, {1, 1})}) {
    const auto back = stored::through_file(examples, folder);
    CHECK(back.why.empty());
    CHECK(same_bytes(back.examples, examples));
    CHECK(back.examples.layout().data != examples.layout().data);
  }
  CHECK(std::filesystem::is_empty(folder));  // nothing is left behind
  std::filesystem::remove(folder);
}

TEST_CASE("without a place to write the same bytes are read from memory",
          "[robustness][stored_examples]") {
  const Tensor examples = Tensor::own(std::vector<float>{0.25F, 0.5F}, {1, 2});
  const auto back = stored::through_file(examples, "/no/such/folder");
  CHECK_FALSE(back.why.empty());
  CHECK(same_bytes(back.examples, examples));
}

TEST_CASE("kept examples are read back from the run directory, part by part",
          "[robustness][stored_examples]") {
  const std::string folder =
      (std::filesystem::temp_directory_path() / "leadline_kept_examples").string();
  std::filesystem::create_directories(folder);
  const Tensor first = Tensor::own(std::vector<float>{0.25F, 0.5F}, {2, 1});
  const Tensor second = Tensor::own(std::vector<float>{0.75F}, {1, 1});
  stored::Artefacts kept;
  const std::vector<SampleId> two{7, 3}, one{9};
  CHECK(same_bytes(stored::through_artefacts(first, two, folder, "pgd", kept).examples, first));
  CHECK(same_bytes(stored::through_artefacts(second, one, folder, "pgd", kept).examples, second));
  REQUIRE(kept.size() == 4);
  CHECK(kept[0].name == "artefacts/pgd/examples.npy");
  CHECK(kept[3].name == "artefacts/pgd/ids_2.npy");
  CHECK(kept[0].samples == 2);
  CHECK(kept[0].fingerprint != kept[2].fingerprint);
  for (const char* file : {"examples.npy", "ids.npy", "examples_2.npy", "ids_2.npy"})
    CHECK(std::filesystem::exists(std::filesystem::path(folder) / file));
  std::filesystem::remove_all(folder);

  const auto none = stored::through_artefacts(first, two, "/no/such/folder", "pgd", kept);
  CHECK_FALSE(none.why.empty());
  CHECK(same_bytes(none.examples, first));
  CHECK(kept.size() == 4);
}

TEST_CASE("the file of examples is one that numpy reads", "[robustness][stored_examples]") {
  const std::string bytes =
      stored::npy_of(Tensor::own(std::vector<float>{1.0F, 2.0F, 3.0F}, {3, 1}));
  CHECK(bytes.starts_with(std::string("\x93NUMPY\x01\x00", 8)));
  const std::size_t header = static_cast<unsigned char>(bytes[8]) +
                             256 * static_cast<std::size_t>(static_cast<unsigned char>(bytes[9]));
  CHECK((10 + header) % 64 == 0);
  CHECK(bytes.size() == 10 + header + 12);
  CHECK_THAT(bytes,
             ContainsSubstring("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1, )"));
  CHECK(bytes[10 + header - 1] == '\n');
}
