# What the core needs. Eigen is public; the rest is header-only and private, so that libleadline
# depends on no shared library but the C++ run-time.

find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(fmt 9 REQUIRED CONFIG)
find_package(Boost 1.74 REQUIRED CONFIG)
find_package(nlohmann_json 3.10 REQUIRED CONFIG)
find_package(Threads REQUIRED)

# Debian builds toml++ and xxHash as shared libraries; only their headers are wanted here.
find_path(LEADLINE_TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
find_path(LEADLINE_XXHASH_INCLUDE xxhash.h REQUIRED)

add_library(leadline_private_deps INTERFACE)
target_include_directories(leadline_private_deps SYSTEM INTERFACE "${LEADLINE_TOMLPLUSPLUS_INCLUDE}"
                                                                  "${LEADLINE_XXHASH_INCLUDE}")
target_compile_definitions(leadline_private_deps INTERFACE TOML_HEADER_ONLY=1 XXH_INLINE_ALL=1
                                                           EIGEN_DONT_PARALLELIZE)
target_link_libraries(leadline_private_deps INTERFACE Boost::headers nlohmann_json::nlohmann_json)

# Header-only, fmt costs each unit that formats anything five seconds. src/core/fmt.cpp compiles its bodies
# once instead, where it knows the version.
if(fmt_VERSION VERSION_GREATER_EQUAL 10)
  target_link_libraries(leadline_private_deps INTERFACE fmt::fmt-header-only)
else()
  target_include_directories(leadline_private_deps SYSTEM
                             INTERFACE "$<TARGET_PROPERTY:fmt::fmt-header-only,INTERFACE_INCLUDE_DIRECTORIES>")
endif()
