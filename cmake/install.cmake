# Where `cmake --install` puts what, and the package that find_package(fovea) finds.
#
# The program finds its models and samples relative to itself, and so does the package with its files. So an
# installed tree can be moved. Of the libraries, only the cache (also as a C library) and what it depends on
# are public. The other rooms stay inside the program.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(fovea_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/fovea)

foreach(layer base cache_policy cache)
  set_target_properties(fovea_${layer} PROPERTIES EXPORT_NAME ${layer})
  install(TARGETS fovea_${layer} EXPORT fovea-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endforeach()
install(TARGETS fovea_shared EXPORT fovea-targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/fovea ${PROJECT_BINARY_DIR}/generated/fovea
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)

install(EXPORT fovea-targets NAMESPACE fovea:: DESTINATION ${fovea_package_dir})
configure_package_config_file(cmake/fovea-config.cmake.in fovea-config.cmake INSTALL_DESTINATION ${fovea_package_dir})
# Before 1.0 a minor version may change anything.
write_basic_package_version_file(fovea-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/fovea-config.cmake ${PROJECT_BINARY_DIR}/fovea-config-version.cmake
  DESTINATION ${fovea_package_dir})

if(TARGET fovea)
  # The component of the program alone, which cmake/package.cmake packs.
  set(program COMPONENT program)
  install(TARGETS fovea RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} ${program})
  install(DIRECTORY models/tiny/ DESTINATION ${CMAKE_INSTALL_DATADIR}/fovea/models ${program}
    FILES_MATCHING PATTERN *.gguf)
  install(DIRECTORY samples DESTINATION ${CMAKE_INSTALL_DATADIR}/fovea ${program})
  set(manual ${PROJECT_BINARY_DIR}/src/app/manual)  # written by the target fovea_manual
  install(DIRECTORY ${manual}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR} ${program})
  install(FILES ${manual}/fovea.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME fovea
    ${program})
  install(FILES ${manual}/_fovea DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions ${program})
  install(FILES ${manual}/fovea.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d ${program})
endif()

file(GLOB documents LICENSE NOTICE README.md CHANGELOG.md docs/*.md)
install(FILES ${documents} DESTINATION ${CMAKE_INSTALL_DOCDIR})
