# The Debian package, which `make deb` writes.
#
# It holds the program and its files (the component `program` of cmake/install.cmake), the service, and what
# Debian asks of a package. The cache library is not in it: who embeds the cache builds it (HACKING.md,
# Installing). debian_files.cmake arranges the files, once they lie below CPack's folder and before they are
# packed. dpkg-shlibdeps finds which packages the program's libraries are in.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME fovea)
set(CPACK_PACKAGE_VENDOR "The Fovea authors")
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_CMAKE_PROJECTS ${PROJECT_BINARY_DIR} fovea program /)  # the one component, without a build
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/debian_files.cmake)

set(CPACK_FOVEA_SOURCE_DIR ${PROJECT_SOURCE_DIR})
set(CPACK_FOVEA_VERSION ${PROJECT_VERSION}-1)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
# HEIC and AVIF pictures; HTTPS to other servers; figures of reports; a shared tier.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libheif-plugin-libde265, libheif-plugin-dav1d, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "gnuplot-nox, valkey-server, libggml0-backend-vulkan")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "cache and server for vision-language models")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Fovea stores what a vision-language model computes about a picture: its
embeddings, the decoder's state behind it, and finished answers. The second
question about a picture is answered without what the first one cost.
.
The server speaks the APIs of OpenAI and Anthropic. It answers from a model in
GGUF files, or stands in front of another server. This package has the program,
a small model to try it with, and a service for systemd that is not enabled.")
set(scripts ${PROJECT_SOURCE_DIR}/deploy/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${scripts}/conffiles ${scripts}/postinst ${scripts}/prerm ${scripts}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
