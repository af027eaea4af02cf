// Runs every fuzz target without libFuzzer: the seeds and the corpus as they are, then seeded
// mutations.
//
//   fuzz_replay [--runs N] [--seed K] [--seconds S] [--corpus DIR] [--seeds DIR] [--file F]
//   [TARGET...]
//
// --runs is mutations a target (default 1500), --seconds goes on until they have passed, --seeds
// writes the built-in seeds as a corpus for libFuzzer, --file runs one input. What breaks a target
// is written beside the caller as fuzz-<target>.bin.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fuzz.hpp"
#include "leadline/stats/random.hpp"

namespace fuzz::replay {

namespace fs = std::filesystem;
using leadline::stats::Rng;

constexpr std::size_t longest = 1 << 16;

std::string_view current;  // what a signal handler writes down
std::string current_path;

void write_current() {
  if (FILE* file = std::fopen(current_path.c_str(), "wb")) {
    std::fwrite(current.data(), 1, current.size(), file);
    std::fclose(file);
  }
}
void on_signal(int number) {
  write_current();
  std::fprintf(stderr, "signal %d; the input is in %s\n", number, current_path.c_str());
  ::_exit(2);
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> read_folder(const fs::path& folder) {
  std::vector<fs::path> paths;
  if (fs::is_directory(folder))
    for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const auto& path : paths) inputs.push_back(read(path));
  return inputs;
}

std::size_t below(Rng& rng, std::size_t n) {
  return n == 0 ? 0 : static_cast<std::size_t>(rng.uniform() * static_cast<double>(n)) % n;
}

/// The first run of digits at or after `from`: text formats hide their counts in them.
std::pair<std::size_t, std::size_t> digits(const std::string& text, std::size_t from) {
  const auto first = text.find_first_of("0123456789", from);
  if (first == std::string::npos) return {0, 0};
  const auto last = std::min(text.find_first_not_of("0123456789.", first), text.size());
  return {first, last - first};
}

void mutate_once(std::string& input, const std::vector<std::string>& corpus, Rng& rng) {
  static const char* const tokens[] = {"-1",
                                       "0",
                                       "9223372036854775807",
                                       "-9223372036854775808",
                                       "18446744073709551615",
                                       "1e999",
                                       "-0.0",
                                       "null",
                                       "true",
                                       "[]",
                                       "{}",
                                       "\"\"",
                                       "\"inf\"",
                                       "nan",
                                       "1e-320",
                                       "[[[[",
                                       "\\u0000",
                                       "\xff",
                                       "=",
                                       "}",
                                       ",",
                                       "\n",
                                       "0x1p+1023"};
  static const std::uint64_t words[] = {0,     1,          255,        1u << 31,
                                        ~0ull, ~0ull >> 1, 1ull << 63, 1ull << 40};
  const auto at = below(rng, input.size() + 1);
  switch (below(rng, 9)) {
    case 0:
      if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(rng, 8)));
      break;
    case 1:
      if (at < input.size()) input[at] = static_cast<char>(below(rng, 256));
      break;
    case 2:
      input.erase(at, below(rng, 32));
      break;
    case 3:
      input.insert(at, tokens[below(rng, std::size(tokens))]);
      break;
    case 4: {
      const auto [first, size] = digits(input, at);
      input.replace(first, size, tokens[below(rng, std::size(tokens))]);
      break;
    }
    case 5:
      if (at + 8 <= input.size())
        std::memcpy(input.data() + at, &words[below(rng, std::size(words))], 8);
      break;
    case 6:
      input.insert(at, input.substr(below(rng, input.size() + 1), 1 + below(rng, 64)));
      break;
    case 7: {
      const auto& other = corpus[below(rng, corpus.size())];
      const auto from = below(rng, other.size() + 1);
      input = input.substr(0, at) + other.substr(from, 1 + below(rng, other.size() + 1));
      break;
    }
    default:
      input.resize(at);
  }
  if (input.size() > longest) input.resize(longest);
}

/// false when the input broke the target.
bool run(const fuzz::Target& target, std::string_view input) {
  current = input;
  try {
    target.run(input);
    return true;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(target.name.size()), target.name.data(),
                 error.what());
  }
  write_current();
  std::fprintf(stderr, "the input is in %s\n", current_path.c_str());
  return false;
}

struct Options {
  std::uint64_t seed = 0;
  std::int64_t runs = 1500;
  double seconds = 0;
  fs::path corpus = LEADLINE_SOURCE_DIR "/tests/fuzz/corpus", seeds, file;
  std::vector<std::string_view> targets;
};

bool fuzz_target(const fuzz::Target& target, const Options& options) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  current_path = "fuzz-" + std::string(target.name) + ".bin";
  if (!options.file.empty()) return run(target, read(options.file));
  auto corpus = target.seeds();
  const auto files = read_folder(options.corpus / target.name);
  corpus.insert(corpus.end(), files.begin(), files.end());
  if (!options.seeds.empty()) {
    fs::create_directories(options.seeds / target.name);
    for (std::size_t i = 0; i < corpus.size(); ++i)
      std::ofstream(options.seeds / target.name / std::to_string(i), std::ios::binary) << corpus[i];
    return true;
  }
  for (const auto& input : corpus)
    if (!run(target, input)) return false;
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  std::int64_t done = 0;
  for (; done < options.runs || seconds() < options.seconds; ++done) {
    Rng rng(options.seed, target.name, done);
    std::string input = corpus[below(rng, corpus.size())];
    for (auto n = 1 + below(rng, 4); n > 0; --n) mutate_once(input, corpus, rng);
    if (!run(target, input)) return false;
  }
  std::printf("%-14.*s %4zu seeds, %7lld mutations, %.1f s\n", static_cast<int>(target.name.size()),
              target.name.data(), corpus.size(), static_cast<long long>(done), seconds());
  return true;
}

}  // namespace fuzz::replay

int main(int n, char** words) {
  using namespace fuzz::replay;
  Options options;
  for (int i = 1; i < n; ++i) {
    const std::string_view word = words[i];
    if (!word.starts_with("--")) {
      options.targets.push_back(word);
      continue;
    }
    if (++i == n) return std::fprintf(stderr, "expected a value after %s\n", words[i - 1]), 1;
    if (word == "--runs") options.runs = std::atoll(words[i]);
    if (word == "--seed") options.seed = std::strtoull(words[i], nullptr, 10);
    if (word == "--seconds") options.seconds = std::atof(words[i]);
    if (word == "--corpus") options.corpus = words[i];
    if (word == "--seeds") options.seeds = words[i];
    if (word == "--file") options.file = words[i];
  }
  for (const int number : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL})
    std::signal(number, on_signal);
  auto targets = fuzz::targets();
  std::sort(targets.begin(), targets.end(), [](auto& a, auto& b) { return a.name < b.name; });
  bool good = true;
  std::size_t ran = 0;
  for (const auto& target : targets) {
    const auto& wanted = options.targets;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), target.name) == wanted.end())
      continue;
    ++ran;
    good = fuzz_target(target, options) && good;
  }
  if (ran == 0) std::fprintf(stderr, "expected a fuzz target, got none of that name\n");
  return good && ran > 0 ? 0 : 1;
}
