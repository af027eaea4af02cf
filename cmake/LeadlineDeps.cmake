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
target_link_libraries(leadline_private_deps INTERFACE fmt::fmt-header-only Boost::headers
                                                      nlohmann_json::nlohmann_json)
