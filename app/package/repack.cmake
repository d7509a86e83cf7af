# Of cpack, behind it: the same bytes whenever it is packed, and whoever does. cpack takes the time
# of day and the umask.
set(ENV{SOURCE_DATE_EPOCH} ${CPACK_NFLOW_TIME})
set(tree ${CPACK_TEMPORARY_DIRECTORY}/repacked)
foreach(package ${CPACK_PACKAGE_FILES})
  file(REMOVE_RECURSE ${tree})
  execute_process(COMMAND dpkg-deb --raw-extract ${package} ${tree} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND chmod -R u=rwX,go=rX ${tree} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND find ${tree} -exec touch --date=@${CPACK_NFLOW_TIME} {} +
                  COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND dpkg-deb --root-owner-group --build ${tree} ${package}
                  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endforeach()
