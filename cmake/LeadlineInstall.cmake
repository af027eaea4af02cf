# One layout for `cmake --install` and for the wheel (there the prefix is the package folder):
#   include/leadline/**  lib/libleadline*.so  lib/cmake/leadline/*.cmake  and, in the wheel, the modules.
# No SOVERSION: a wheel cannot hold the links, and one name has to serve both.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
if(DEFINED SKBUILD)
  set(libdir lib)
  set(torch_rpath "$ORIGIN/../../torch/lib")
else()
  set(libdir ${CMAKE_INSTALL_LIBDIR})
  set(torch_rpath "${LEADLINE_TORCH_ROOT}/lib")
endif()
set(cmakedir ${libdir}/cmake/leadline)

install(TARGETS leadline_core EXPORT leadlineCoreTargets LIBRARY DESTINATION ${libdir})
install(EXPORT leadlineCoreTargets NAMESPACE leadline:: DESTINATION ${cmakedir})
install(DIRECTORY include/leadline DESTINATION include FILES_MATCHING PATTERN "*.hpp" PATTERN "*.inc"
        PATTERN "torch" EXCLUDE)
set(files cmake/LeadlineTorch.cmake)

if(TARGET leadline_torch)
  set_target_properties(leadline_torch PROPERTIES INSTALL_RPATH "$ORIGIN;${torch_rpath}")
  install(TARGETS leadline_torch EXPORT leadlineTorchTargets LIBRARY DESTINATION ${libdir})
  install(EXPORT leadlineTorchTargets NAMESPACE leadline:: DESTINATION ${cmakedir})
  install(DIRECTORY include/leadline/torch DESTINATION include/leadline FILES_MATCHING PATTERN "*.hpp" PATTERN "*.inc")
endif()

configure_package_config_file(cmake/leadlineConfig.cmake.in "${PROJECT_BINARY_DIR}/leadlineConfig.cmake"
                              INSTALL_DESTINATION ${cmakedir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/leadlineConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/leadlineConfig.cmake" "${PROJECT_BINARY_DIR}/leadlineConfigVersion.cmake"
              ${files} DESTINATION ${cmakedir})

# The build tree is a package too: -Dleadline_DIR=build/dev.
export(EXPORT leadlineCoreTargets NAMESPACE leadline:: FILE "${PROJECT_BINARY_DIR}/leadlineCoreTargets.cmake")
if(TARGET leadline_torch)
  export(EXPORT leadlineTorchTargets NAMESPACE leadline:: FILE "${PROJECT_BINARY_DIR}/leadlineTorchTargets.cmake")
endif()
configure_file(cmake/LeadlineTorch.cmake "${PROJECT_BINARY_DIR}/LeadlineTorch.cmake" COPYONLY)

# A component of its own, which only the wheel asks for: a build folder that pip used installs as any other.
if(DEFINED SKBUILD)
  foreach(module IN ITEMS _core _torch)
    if(TARGET ${module})
      set_target_properties(${module} PROPERTIES INSTALL_RPATH "$ORIGIN/lib;$ORIGIN/../torch/lib")
      install(TARGETS ${module} LIBRARY DESTINATION . COMPONENT python EXCLUDE_FROM_ALL)
    endif()
  endforeach()
endif()
