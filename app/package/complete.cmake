# Of cpack, before it packs: where Debian looks for completions, and what it wants beside what is
# installed, compressed.
set(share ${CPACK_TEMPORARY_DIRECTORY}/nflow/usr/share)
file(RENAME ${share}/zsh/site-functions ${share}/zsh/vendor-completions)
file(COPY_FILE ${CPACK_NFLOW_CHANGELOG} ${share}/doc/nflow/changelog)
file(GLOB pages ${share}/man/*/*)
execute_process(COMMAND gzip -9 -n ${pages} ${share}/doc/nflow/changelog
                COMMAND_ERROR_IS_FATAL ANY)
