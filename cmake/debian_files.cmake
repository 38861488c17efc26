# Run by cpack in the folder that becomes the package (package.cmake): adds what Debian asks for, and
# compresses what it wants compressed.
#
# Dates are those of the last commit (or SOURCE_DATE_EPOCH), so that a commit packs to the same bytes.

set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(source ${CPACK_FOVEA_SOURCE_DIR})
set(documents ${root}/usr/share/doc/fovea)

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(output "${output}" PARENT_SCOPE)
endfunction()

set(readable FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

# put(FROM TO): the file FROM of the repository as TO.
function(put from to)
  configure_file(${source}/${from} ${to} COPYONLY ${readable})
endfunction()

if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND git -c safe.directory=* -C ${source} log -1 --format=%ct
    OUTPUT_VARIABLE committed OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(committed)
    set(ENV{SOURCE_DATE_EPOCH} ${committed})
  endif()
endif()
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)

put(deploy/systemd/fovea.service ${root}/usr/lib/systemd/system/fovea.service)
put(deploy/systemd/sysusers.conf ${root}/usr/lib/sysusers.d/fovea.conf)
put(deploy/debian/serve.toml ${root}/etc/fovea/serve.toml)
put(deploy/debian/lintian-overrides ${root}/usr/share/lintian/overrides/fovea)

put(deploy/debian/copyright ${documents}/copyright)
put(NOTICE ${documents}/NOTICE)
put(README.md ${documents}/README.md)
file(GLOB pages RELATIVE ${source} ${source}/docs/*.md)
foreach(page ${pages})
  cmake_path(GET page FILENAME name)
  put(${page} ${documents}/${name})
endforeach()
# What docs/fleet.md tells to copy.
file(GLOB_RECURSE examples RELATIVE ${source}/deploy
  ${source}/deploy/grafana/* ${source}/deploy/haproxy/* ${source}/deploy/prometheus/* ${source}/deploy/secrets.sh)
foreach(example ${examples})
  put(deploy/${example} ${documents}/examples/${example})
endforeach()
put(CHANGELOG.md ${documents}/changelog)
set(version ${CPACK_FOVEA_VERSION})
if(DEFINED ENV{DEBFULLNAME} AND DEFINED ENV{DEBEMAIL})  # as Debian's own tools have it
  set(maintainer "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
else()
  set(maintainer "The Fovea authors <fovea@localhost>")
endif()
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${maintainer})
configure_file(${source}/deploy/debian/changelog.in ${documents}/changelog.Debian @ONLY ${readable})

# Debian has zsh's functions of packages in a folder of their own.
file(RENAME ${root}/usr/share/zsh/site-functions ${root}/usr/share/zsh/vendor-completions)

file(GLOB compressed ${root}/usr/share/man/man1/*.1 ${documents}/changelog ${documents}/changelog.Debian)
run(gzip -9n ${compressed})

# What CPack does for CPACK_DEBIAN_PACKAGE_SHLIBDEPS, without the program `file`.
set(work ${CPACK_TOPLEVEL_DIRECTORY}/shlibdeps)
file(WRITE ${work}/debian/control "Source: fovea\n\nPackage: fovea\nArchitecture: any\n")
run(${CMAKE_COMMAND} -E chdir ${work} dpkg-shlibdeps -O -e${root}/usr/bin/fovea)
string(REPLACE "shlibs:Depends=" "" libraries "${output}")
set(CPACK_DEBIAN_PACKAGE_DEPENDS "${libraries}, ${CPACK_DEBIAN_PACKAGE_DEPENDS}")
