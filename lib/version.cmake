# NFLOW_VERSION: the project's version where its tag stands (v0.1.0) or where there is no git; behind
# the tag 0.1.0+git20260131.012345678, before there is one 0.1.0~git20260131.012345678, with the
# commit's date and hash. Debian sorts them so. NFLOW_TIME: the commit's time in seconds, for what has
# to have a time and the same bytes in every build.
set(NFLOW_VERSION ${PROJECT_VERSION})
file(TIMESTAMP ${PROJECT_SOURCE_DIR}/CMakeLists.txt NFLOW_TIME "%s" UTC)  # in a tarball the commit's
find_package(Git QUIET)
# Not the git of a folder around us, which may hold a tarball of ours.
if(Git_FOUND AND EXISTS ${PROJECT_SOURCE_DIR}/.git)
  function(ask_git result)
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${PROJECT_SOURCE_DIR} ${ARGN}
                    OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    set(${result} "${output}" PARENT_SCOPE)
  endfunction()
  ask_git(commit show --no-patch --abbrev=9 "--format=%ct git%cs.%h" HEAD)
  ask_git(tag describe --tags --match v${PROJECT_VERSION})
  ask_git(log rev-parse --path-format=absolute --git-path logs/HEAD)
  if(commit MATCHES "^([0-9]+) (.*)$")
    set(NFLOW_TIME ${CMAKE_MATCH_1})
    string(REPLACE "-" "" commit ${CMAKE_MATCH_2})
    if(tag STREQUAL "")
      string(APPEND NFLOW_VERSION "~${commit}")
    elseif(NOT tag STREQUAL "v${PROJECT_VERSION}")
      string(APPEND NFLOW_VERSION "+${commit}")
    endif()
  endif()
  if(EXISTS "${log}")  # a new commit is a new version
    set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${log})
  endif()
endif()
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  set(NFLOW_TIME $ENV{SOURCE_DATE_EPOCH})
endif()
