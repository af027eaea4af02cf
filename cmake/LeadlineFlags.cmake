# Flags that hold for every target of the tree. No -march=native and no -ffast-math: status logic needs
# NaN and infinities, and a wheel must run on the oldest x86-64 it names.

if(PROJECT_IS_TOP_LEVEL)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
  endif()
  # The wheel and the developer build share these, so that one build directory serves both.
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g0 -DNDEBUG")
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  find_program(LEADLINE_CCACHE ccache)
  if(LEADLINE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${LEADLINE_CCACHE}")
  endif()
endif()

# What every target of ours gets; `level` is its optimisation in release builds.
function(leadline_flags target level)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(
    ${target}
    PROPERTIES CXX_EXTENSIONS OFF
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               POSITION_INDEPENDENT_CODE ON)
  # No fused multiply-adds: what is drawn and folded must have the same bits on every machine. Nobody reads
  # errno after a square root, and without it such loops vectorise.
  target_compile_options(${target} PRIVATE -Wall -Wextra -ffp-contract=off -fno-math-errno
                                           $<$<CONFIG:Release>:${level}>)
  if(LEADLINE_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${LEADLINE_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${LEADLINE_SANITIZE})
  endif()
endfunction()

# Batches of eight: one torch translation unit is 7 s of headers whatever its body, eight in one are 8 s.
# Relocatable batches let ccache share objects between checkouts.
function(leadline_unity target)
  if("$ENV{LEADLINE_UNITY}" STREQUAL "OFF") # file by file: several work trees that share a compiler cache
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8
                                             UNITY_BUILD_RELOCATABLE ON)
endfunction()
