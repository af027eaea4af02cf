# Modules _core (no torch) and _torch. Both use one pybind11: classes of _torch derive from classes of
# _core, which two versions of pybind11 in one process cannot do. That is torch's bundled one where torch is.

find_package(Python 3.10 REQUIRED COMPONENTS Interpreter Development.Module)
file(GLOB_RECURSE leadline_bindings_core CONFIGURE_DEPENDS bindings/core/*.cpp)
file(GLOB_RECURSE leadline_bindings_torch CONFIGURE_DEPENDS bindings/torch/*.cpp)

add_library(leadline_pybind11 INTERFACE)
if(LEADLINE_TORCH)
  if(NOT EXISTS "${LEADLINE_TORCH_ROOT}/include/pybind11/pybind11.h")
    message(FATAL_ERROR "leadline: expected torch to bundle pybind11, found none in ${LEADLINE_TORCH_ROOT}/include")
  endif()
  # Nothing else of torch is used by _core; the folder is the price of equal headers.
  target_include_directories(leadline_pybind11 SYSTEM INTERFACE "${LEADLINE_TORCH_ROOT}/include")
elseif(leadline_bindings_core)
  execute_process(COMMAND "${Python_EXECUTABLE}" -m pybind11 --cmakedir OUTPUT_VARIABLE pybind11_DIR
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  find_package(pybind11 3.0 REQUIRED CONFIG)
  if(pybind11_VERSION VERSION_GREATER_EQUAL 3.1)
    message(FATAL_ERROR "leadline: expected pybind11 3.0.*, got ${pybind11_VERSION} (pip install 'pybind11==3.0.*')")
  endif()
  target_link_libraries(leadline_pybind11 INTERFACE pybind11::headers)
endif()

function(leadline_module name)
  python_add_library(${name} MODULE WITH_SOABI ${ARGN})
  leadline_flags(${name} -O1)
  leadline_unity(${name})
  set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${leadline_module_dir}")
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/bindings")
  # "2.13.0+cpu", or "" where there is no torch half; Python compares its minor before it loads _torch.
  target_compile_definitions(${name} PRIVATE "LEADLINE_TORCH_VERSION=\"${LEADLINE_TORCH_VERSION}\"")
endfunction()

if(leadline_bindings_core)
  leadline_module(_core ${leadline_bindings_core})
  target_link_libraries(_core PRIVATE leadline_pybind11 leadline_core)
  leadline_precompile(_core <pybind11/numpy.h> <pybind11/pybind11.h> <pybind11/stl.h> <Eigen/Core>)
endif()
if(TARGET leadline_torch AND leadline_bindings_torch)
  leadline_module(_torch ${leadline_bindings_torch} bindings/core/python_error.cpp)
  target_link_libraries(_torch PRIVATE leadline::libtorch_python leadline_pybind11 leadline_torch)
endif()
# All that `import leadline` needs.
add_custom_target(leadline_modules)
foreach(name _core _torch)
  if(TARGET ${name})
    add_dependencies(leadline_modules ${name})
  endif()
endforeach()
