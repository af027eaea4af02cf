# leadline::core from src/**, leadline::torch from src/torch/**. Sources by glob: adding a file is adding a file.

# The version lives in project(); the header repeats it for users who have no CMake.
file(STRINGS include/leadline/config.hpp leadline_header_version REGEX "define LEADLINE_VERSION ")
if(NOT leadline_header_version MATCHES "\"${PROJECT_VERSION}\"")
  message(FATAL_ERROR "include/leadline/config.hpp: expected LEADLINE_VERSION \"${PROJECT_VERSION}\", got ${leadline_header_version}")
endif()

if(LEADLINE_INPLACE)
  set(leadline_library_dir "${PROJECT_SOURCE_DIR}/python/leadline/lib")
  set(leadline_module_dir "${PROJECT_SOURCE_DIR}/python/leadline")
else()
  set(leadline_library_dir "${PROJECT_BINARY_DIR}/python/leadline/lib")
  set(leadline_module_dir "${PROJECT_BINARY_DIR}/python/leadline")
endif()

file(GLOB_RECURSE leadline_core_sources CONFIGURE_DEPENDS src/*.cpp)
list(FILTER leadline_core_sources EXCLUDE REGEX "/src/torch/")
file(GLOB_RECURSE leadline_torch_sources CONFIGURE_DEPENDS src/torch/*.cpp)

add_library(leadline_core SHARED ${leadline_core_sources})
add_library(leadline::core ALIAS leadline_core)
set_target_properties(leadline_core PROPERTIES OUTPUT_NAME leadline EXPORT_NAME core
                                               LIBRARY_OUTPUT_DIRECTORY "${leadline_library_dir}")
leadline_flags(leadline_core -O2)
leadline_unity(leadline_core 12)
# Hot loops: gcc vectorises loops of unknown length only from -O3 on.
set_source_files_properties(src/metrics/label_rows.cpp src/stats/precision_recall.cpp src/stats/rank_steps.cpp
                            src/stats/score_columns.cpp src/uncertainty/calibration_counts.cpp
                            PROPERTIES COMPILE_OPTIONS -O3 SKIP_PRECOMPILE_HEADERS ON)
set_source_files_properties(src/core/fmt.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
target_include_directories(leadline_core PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                $<INSTALL_INTERFACE:include>)
target_include_directories(leadline_core PRIVATE "${PROJECT_SOURCE_DIR}/src")
target_compile_definitions(leadline_core PRIVATE LEADLINE_BUILDING)
target_link_libraries(leadline_core PUBLIC Eigen3::Eigen)
target_link_libraries(leadline_core PRIVATE $<BUILD_INTERFACE:leadline_private_deps> Threads::Threads)
leadline_precompile(leadline_core <algorithm> <cmath> <functional> <map> <memory> <optional> <set> <span> <string>
                    <unordered_map> <variant> <vector> <Eigen/Core> <fmt/format.h> <leadline/core/catalog.hpp>
                    <leadline/core/metric.hpp> <leadline/core/probe.hpp> <leadline/core/session.hpp>)

if(LEADLINE_TORCH AND leadline_torch_sources)
  add_library(leadline_torch SHARED ${leadline_torch_sources})
  add_library(leadline::torch ALIAS leadline_torch)
  set_target_properties(leadline_torch PROPERTIES EXPORT_NAME torch LIBRARY_OUTPUT_DIRECTORY "${leadline_library_dir}")
  leadline_flags(leadline_torch -O2)
  leadline_unity(leadline_torch)
  # torch's folder first: it carries the fmt and pybind11 that its own headers were written for.
  target_link_libraries(leadline_torch PUBLIC leadline::libtorch leadline_core
                        PRIVATE $<BUILD_INTERFACE:nlohmann_json::nlohmann_json>)
  # libtorch.so holds no symbols, so linkers that drop unused libraries drop it, and with it CUDA.
  get_target_property(leadline_libtorch leadline::torch_lib IMPORTED_LOCATION)
  target_link_options(leadline_torch PRIVATE
                      "LINKER:--push-state,--no-as-needed,${leadline_libtorch},--pop-state")
  target_include_directories(leadline_torch PRIVATE "${PROJECT_SOURCE_DIR}/src")
  target_compile_definitions(leadline_torch PRIVATE LEADLINE_BUILDING)
  leadline_precompile(leadline_torch <ATen/ATen.h> <torch/csrc/autograd/autograd.h>)
endif()
