# Finds the torch of a Python interpreter and makes two imported targets:
#   leadline::libtorch        libtorch, libtorch_cpu, libc10 and the two include folders
#   leadline::libtorch_python the same and libtorch_python, for Python modules
# Not find_package(Torch): with a CUDA torch that one enables the CUDA language, asks for nvcc and writes
# libtorch_cuda into everything linked. Installed beside leadlineConfig.cmake, which uses it too.
# `mode` ON: a missing torch is an error; AUTO: LEADLINE_TORCH becomes OFF.

function(leadline_locate_torch mode)
  if(NOT Python_EXECUTABLE)
    find_package(Python 3.10 QUIET COMPONENTS Interpreter)
  endif()
  set(answer "")
  if(Python_EXECUTABLE)
    # Not imported: that costs seconds, and the version file says all that is asked. The site folders are
    # asked too, because an isolated build (plain `pip install .`) hides them from the import system.
    execute_process(
      COMMAND
        "${Python_EXECUTABLE}" -c
        "import importlib.util as u, pathlib, re, sysconfig
spec = u.find_spec('torch')
roots = [pathlib.Path(spec.origin).parent] if spec and spec.origin else []
roots += [pathlib.Path(sysconfig.get_path(k)) / 'torch' for k in ('platlib', 'purelib')]
root = next(r for r in roots if (r / 'version.py').is_file())
text = (root / 'version.py').read_text()
version = re.search(r\"__version__ = '([^']+)'\", text).group(1)
print(f'{root.as_posix()};{version}', end='')"
      OUTPUT_VARIABLE answer
      ERROR_VARIABLE trouble
      RESULT_VARIABLE failed)
    if(failed)
      set(answer "")
    endif()
  endif()
  if(NOT answer)
    if(mode STREQUAL "ON" OR mode STREQUAL "REQUIRED")
      message(
        FATAL_ERROR
          "leadline: expected a Python interpreter that has torch, got '${Python_EXECUTABLE}' without it "
          "(pass -DPython_EXECUTABLE=<python that has torch>, or -DLEADLINE_TORCH=OFF for the core alone)\n${trouble}")
    endif()
    message(STATUS "leadline: no torch found, building the core alone")
    set(LEADLINE_TORCH OFF PARENT_SCOPE)
    return()
  endif()

  list(GET answer 0 root)
  list(GET answer 1 version)
  string(REGEX MATCH "^[0-9]+\\.[0-9]+" minor "${version}")
  if(minor VERSION_LESS 2.11)
    message(FATAL_ERROR "leadline: expected torch >= 2.11, got ${version} in ${root} (upgrade torch, or pass -DLEADLINE_TORCH=OFF)")
  endif()
  foreach(name IN ITEMS torch torch_cpu c10 torch_python)
    if(NOT TARGET leadline::${name}_lib)
      find_library(leadline_lib_${name} ${name} PATHS "${root}/lib" NO_DEFAULT_PATH NO_CACHE REQUIRED)
      add_library(leadline::${name}_lib SHARED IMPORTED GLOBAL)
      set_target_properties(leadline::${name}_lib PROPERTIES IMPORTED_LOCATION "${leadline_lib_${name}}")
      unset(leadline_lib_${name})
    endif()
  endforeach()
  if(NOT TARGET leadline::libtorch)
    add_library(leadline::libtorch INTERFACE IMPORTED GLOBAL)
    # libtorch.so holds no code: it is what pulls in the device back ends that this torch was built with.
    target_link_libraries(leadline::libtorch INTERFACE leadline::torch_cpu_lib leadline::c10_lib leadline::torch_lib)
    target_include_directories(leadline::libtorch SYSTEM INTERFACE "${root}/include"
                                                                   "${root}/include/torch/csrc/api/include")
    target_compile_definitions(leadline::libtorch INTERFACE _GLIBCXX_USE_CXX11_ABI=1)
    add_library(leadline::libtorch_python INTERFACE IMPORTED GLOBAL)
    target_link_libraries(leadline::libtorch_python INTERFACE leadline::torch_python_lib leadline::libtorch)
  endif()
  message(STATUS "leadline: torch ${version} in ${root}")
  set(LEADLINE_TORCH ON PARENT_SCOPE)
  set(LEADLINE_TORCH_ROOT "${root}" PARENT_SCOPE)
  set(LEADLINE_TORCH_VERSION "${version}" PARENT_SCOPE)
  set(LEADLINE_TORCH_MINOR "${minor}" PARENT_SCOPE)
endfunction()
