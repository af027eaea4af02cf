// A user's program: links leadline::core, and throws across the library's border.
#include <iostream>

#include "leadline/core/error.hpp"

int main() {
  try {
    throw leadline::ValueError("consumer.main", "a caught error", "one", "");
  } catch (const leadline::Error& error) {
    std::cout << "consumer ok: " << error.what() << "\n";
  }
}
