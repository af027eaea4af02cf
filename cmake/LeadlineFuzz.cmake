# tests/fuzz/<target>.cpp: each is a libFuzzer target (LEADLINE_FUZZ=ON, clang), and all of them together
# with replay.cpp are `fuzz_replay`, a test of every build. Both take the objects of the core rather than
# the library: readers are internal, and internal names are hidden. (CMake counts a precompiled header among
# the objects.)

file(GLOB leadline_fuzz_targets CONFIGURE_DEPENDS tests/fuzz/*.cpp)
list(FILTER leadline_fuzz_targets EXCLUDE REGEX "/replay.cpp$")

function(leadline_fuzz_flags name)
  leadline_flags(${name} -O0)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  target_include_directories(${name} PRIVATE include src bindings tests/fuzz)
  target_compile_definitions(${name} PRIVATE "LEADLINE_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"" LEADLINE_BUILDING)
  target_sources(${name} PRIVATE bindings/core/dlpack.cpp)
  target_link_libraries(${name} PRIVATE "$<FILTER:$<TARGET_OBJECTS:leadline_core>,EXCLUDE,gch$>" Eigen3::Eigen Threads::Threads)
endfunction()

if(LEADLINE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "leadline: expected clang++ for LEADLINE_FUZZ, got ${CMAKE_CXX_COMPILER_ID} "
                        "(pass -DCMAKE_CXX_COMPILER=clang++, or leave it out: fuzz_replay needs no libFuzzer)")
  endif()
  target_compile_options(leadline_core PRIVATE -fsanitize=fuzzer-no-link)
  add_custom_target(fuzz_all DEPENDS fuzz_replay)
  foreach(source IN LISTS leadline_fuzz_targets)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(fuzz_${name} "${source}")
    leadline_fuzz_flags(fuzz_${name})
    target_compile_definitions(fuzz_${name} PRIVATE LEADLINE_LIBFUZZER)
    target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzz_all fuzz_${name})
  endforeach()
endif()

add_executable(fuzz_replay tests/fuzz/replay.cpp ${leadline_fuzz_targets})
leadline_fuzz_flags(fuzz_replay)
leadline_unity(fuzz_replay)
add_test(NAME fuzz_replay COMMAND fuzz_replay)
set_tests_properties(fuzz_replay PROPERTIES LABELS quick TIMEOUT 300)
add_test(NAME fuzz_replay_full COMMAND fuzz_replay --seconds 30 --seed 1)
set_tests_properties(fuzz_replay_full PROPERTIES LABELS full TIMEOUT 3600)
