// What a pass of a model frees stays with the process, for the next pass.
#pragma once

#include <cstddef>
#include <new>

namespace leadline::detail::heap {

/// glibc gives the free end of its heap back to the system once that is twice as long as the
/// largest mapped block freed so far, of at most 32 MiB. A model whose pass needs more than that
/// touches fresh pages in every pass, which can take as long as the arithmetic. One block of
/// that size, freed untouched, sets the limit to 64 MiB, as any freed array of 32 MiB does; it
/// takes no memory, and a limit that the user set stands.
inline void keep_freed() {
  constexpr std::size_t largest = (std::size_t{32} << 20) - (std::size_t{64} << 10);
  [[maybe_unused]] static const bool once = [] {
    ::operator delete(::operator new(largest));  // calls: unlike expressions, never left out
    return true;
  }();
}

}  // namespace leadline::detail::heap
