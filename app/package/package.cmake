# cpack makes a Debian package of the command, its manual and its completions.
set(NFLOW_MAINTAINER "The nflow authors <nflow@users.noreply.invalid>"
    CACHE STRING "Maintainer of the Debian package")

set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL nflow)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_VERSION ${NFLOW_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "density estimation for the shell with normalizing flows")
set(CPACK_DEBIAN_NFLOW_DESCRIPTION
    "nflow learns from a table of numbers how probable any row is: exact log p(row),
new rows, a latent space in which the columns are independent and normal, and
the way back.
.
It trains planar, radial, Real NVP, masked autoregressive and neural spline
flows, reads and writes CSV, and works in pipes and in batch jobs.")
set(CPACK_DEBIAN_NFLOW_PACKAGE_NAME nflow)
set(CPACK_DEBIAN_NFLOW_PACKAGE_SECTION math)
set(CPACK_DEBIAN_NFLOW_PACKAGE_RECOMMENDS "gnuplot-nox | gnuplot")  # for nflow plot
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${NFLOW_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

# What Debian wants beside what is installed; and the same bytes from any folder at any time.
set(ENV{SOURCE_DATE_EPOCH} ${NFLOW_TIME})
string(TIMESTAMP time_of_changelog "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${CMAKE_CURRENT_LIST_DIR}/changelog.in changelog @ONLY)
set(CPACK_NFLOW_CHANGELOG ${CMAKE_CURRENT_BINARY_DIR}/changelog)
set(CPACK_NFLOW_TIME ${NFLOW_TIME})
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/complete.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/repack.cmake)
include(CPack)
