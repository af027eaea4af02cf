#include "leadline/core/state.hpp"

#include <cmath>

#include "fuzz.hpp"

LEADLINE_FUZZ(state, input) {
  using leadline::State;
  (void)fuzz::refused([&] {
    const State state = State::parse(input, "fuzz", 3);
    const std::string text = state.dump();
    fuzz::expect(State::parse(text, "fuzz", 3).dump() == text, "a state does not come back");
    for (const char* key : {"a", "b", "c", ""}) {
      if (!state.has(key)) continue;
      (void)fuzz::refused([&] { (void)state.integer(key); });
      (void)fuzz::refused([&] { fuzz::expect(!std::isnan(state.number(key)), "NaN as a number"); });
      (void)fuzz::refused([&] { (void)state.text(key); });
      (void)fuzz::refused([&] { (void)state.numbers(key, 2); });
      (void)fuzz::refused([&] { (void)state.integers(key); });
      (void)fuzz::refused([&] { (void)state.texts(key); });
    }
  });
}

LEADLINE_FUZZ_SEEDS(state) {
  leadline::State state("fuzz", 2);
  state.set("a", 7).set("b", 0.1).set("c", "text \"quoted\"");
  leadline::State lists("fuzz");
  lists.set("a", std::vector<double>{1, -0.5, HUGE_VAL});
  lists.set("b", std::vector<std::int64_t>{-1, 0, 1LL << 62});
  lists.set("c", std::vector<std::string>{"x", "", "\xc3\xa9"}).set("", -HUGE_VAL);
  return {state.dump(), lists.dump()};
}
