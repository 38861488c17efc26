# Installs the build tree, moves the installed tree, and builds and runs the consumer in this folder and the
# program there.
# Usage: cmake -DBUILD_DIR=... -DWORK_DIR=... -DVERSION=... -DCOMPILER=... -DPROGRAM=bin/fovea
#        -P install_test.cmake

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGV}: ${code}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect_version what)
  if(NOT output MATCHES "${VERSION}")
    message(FATAL_ERROR "${what} says \"${output}\", not ${VERSION}")
  endif()
endfunction()

# The folder's name has a space: nothing may depend on where Fovea lies.
set(moved "${WORK_DIR}/moved here")
file(REMOVE_RECURSE "${WORK_DIR}")
run("${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${WORK_DIR}/first")
file(RENAME "${WORK_DIR}/first" "${moved}")

run("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}" -B "${WORK_DIR}/consumer" "-DCMAKE_PREFIX_PATH=${moved}"
  -DFOVEA_EXPECTED_VERSION=${VERSION} "-DCMAKE_CXX_COMPILER=${COMPILER}")
run("${CMAKE_COMMAND}" --build "${WORK_DIR}/consumer")
foreach(consumer consumer consumer_c)
  run("${WORK_DIR}/consumer/${consumer}")
  expect_version(${consumer})
endforeach()

file(GLOB licence "${moved}/share/doc/*/LICENSE")
file(GLOB notice "${moved}/share/doc/*/NOTICE")
if(NOT licence OR NOT notice)
  message(FATAL_ERROR "LICENSE and NOTICE were not installed")
endif()

if(PROGRAM)
  run("${moved}/${PROGRAM}" --version)
  expect_version("${PROGRAM}")
  file(GLOB models "${moved}/share/fovea/models/*.gguf")
  file(GLOB samples "${moved}/share/fovea/samples/*")
  if(NOT models OR NOT samples)
    message(FATAL_ERROR "the bundled models or samples were not installed")
  endif()
  foreach(file man/man1/fovea.1 man/man1/fovea-ask.1 man/man1/fovea-model-info.1 bash-completion/completions/fovea
      zsh/site-functions/_fovea fish/vendor_completions.d/fovea.fish)
    if(NOT EXISTS "${moved}/share/${file}")
      message(FATAL_ERROR "share/${file} was not installed")
    endif()
  endforeach()
endif()
file(REMOVE_RECURSE "${WORK_DIR}")
