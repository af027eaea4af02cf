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
    # Without these ccache passes every unit by that uses a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        "${CMAKE_COMMAND}" -E env
        "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime" "${LEADLINE_CCACHE}")
  endif()
endif()

# ON builds in the least processor time: few files, many bodies each, headers parsed once a target. OFF
# builds file by file: for who edits the trunk, and for several work trees that share a compiler cache.
if("$ENV{LEADLINE_UNITY}" STREQUAL "")
  set(leadline_unity_default ON)
else()
  set(leadline_unity_default "$ENV{LEADLINE_UNITY}")
endif()
option(LEADLINE_UNITY "Unity builds and precompiled headers" ${leadline_unity_default})

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

# One unit for about `size` files of one folder (default 8): a torch unit is 7 s of headers whatever its
# body. By folder, so that a file added to a room moves no other room's units. Relocatable, so that ccache can share objects
# between checkouts.
function(leadline_unity target)
  if(NOT LEADLINE_UNITY)
    return()
  endif()
  set(size 8)
  if(ARGC GREATER 1)
    set(size ${ARGV1})
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP UNITY_BUILD_RELOCATABLE ON)
  get_target_property(sources ${target} SOURCES)
  set(folders "")
  foreach(source IN LISTS sources)
    get_filename_component(folder "${source}" ABSOLUTE)
    get_filename_component(folder "${folder}" DIRECTORY)
    file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${folder}")
    string(MAKE_C_IDENTIFIER "${folder}" folder)
    list(APPEND folders "${folder}")
    list(APPEND files_${folder} "${source}")
  endforeach()
  list(REMOVE_DUPLICATES folders)
  foreach(folder IN LISTS folders)
    list(LENGTH files_${folder} n_files)
    math(EXPR n_units "(${n_files} + ${size} / 2) / ${size}")
    if(n_units LESS 1)
      set(n_units 1)
    endif()
    set(i 0)
    foreach(source IN LISTS files_${folder})
      math(EXPR unit "${i} * ${n_units} / ${n_files}")
      set_source_files_properties("${source}" PROPERTIES UNITY_GROUP "${folder}_${unit}")
      math(EXPR i "${i} + 1")
    endforeach()
  endforeach()
endfunction()

# Parses `headers` once for all units of the target. After all flags of the target are set.
function(leadline_precompile target)
  if(LEADLINE_UNITY)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()
