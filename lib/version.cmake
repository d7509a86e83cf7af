# NFLOW_VERSION: the project's version where its tag stands (v0.1.0) or where there is no git; behind
# the tag 0.1.0+git20260131.012345678, before there is one 0.1.0~git20260131.012345678, with the
# commit's date and hash. A changed tree has +dirty behind that; where git does not answer it is
# 0.1.0~unknown. Debian sorts them so. NFLOW_TIME: the commit's time in seconds, for what has to have
# a time and the same bytes in every build.
set(NFLOW_VERSION ${PROJECT_VERSION})
file(TIMESTAMP ${PROJECT_SOURCE_DIR}/CMakeLists.txt NFLOW_TIME "%s" UTC)  # in a tarball the commit's
# Not the git of a folder around us, which may hold a tarball of ours.
if(EXISTS ${PROJECT_SOURCE_DIR}/.git)
  find_package(Git QUIET)
  # A container's root need not own a tree to build it, and who builds it trusts it.
  function(ask_git result)
    set(output "")
    if(Git_FOUND)
      execute_process(COMMAND ${GIT_EXECUTABLE} --no-optional-locks -c "safe.directory=*"
                              -C ${PROJECT_SOURCE_DIR} ${ARGN}
                      OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    endif()
    set(${result} "${output}" PARENT_SCOPE)
  endfunction()
  ask_git(commit show --no-patch --abbrev=9 "--format=%ct git%cs.%h" HEAD)
  ask_git(tag describe --tags --match v${PROJECT_VERSION})
  ask_git(changes status --porcelain --untracked-files=no)
  if(commit MATCHES "^([0-9]+) (.*)$")
    set(NFLOW_TIME ${CMAKE_MATCH_1})
    string(REPLACE "-" "" commit ${CMAKE_MATCH_2})
    if(tag STREQUAL "")
      string(APPEND NFLOW_VERSION "~${commit}")
    elseif(NOT tag STREQUAL "v${PROJECT_VERSION}")
      string(APPEND NFLOW_VERSION "+${commit}")
    endif()
    if(NOT changes STREQUAL "")
      string(APPEND NFLOW_VERSION "+dirty")
    endif()
  else()
    string(APPEND NFLOW_VERSION "~unknown")
    message(WARNING "git does not tell the commit of ${PROJECT_SOURCE_DIR}: "
                    "the version is ${NFLOW_VERSION}")
  endif()
  # What makes another version configures again: a new commit; the first change of a clean tree, in
  # any of its files; and in a changed one not each change, but git's, which may take them all back.
  ask_git(log rev-parse --path-format=absolute --git-path logs/HEAD)
  if(changes STREQUAL "")
    ask_git(causes ls-files)
    string(REPLACE "\n" ";" causes "${causes}")
    list(TRANSFORM causes PREPEND ${PROJECT_SOURCE_DIR}/)
  else()
    ask_git(causes rev-parse --path-format=absolute --git-path index)
  endif()
  foreach(file IN LISTS log causes)
    if(EXISTS "${file}")
      set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    endif()
  endforeach()
endif()
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  set(NFLOW_TIME $ENV{SOURCE_DATE_EPOCH})
endif()
