/// One macro: compile a hot function for the baseline, AVX2 and AVX-512; the loader picks.
#pragma once

// The sanitizers run before the loader has resolved such functions, and clang's support is partial.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LEADLINE_CLONES __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define LEADLINE_CLONES
#endif
