# What `cmake --install` and the packages install. Programs, their documentation, and what only the finished program can
# write: manual pages, completions, JSON Schemas.
include(GNUInstallDirs)

set(generated ${PROJECT_BINARY_DIR}/share)
add_custom_command(OUTPUT ${generated}/stamp
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${generated}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${generated}/man ${generated}/completion ${generated}/schemas
  COMMAND usher manual --to ${generated}/man
  COMMAND usher schema configuration > ${generated}/schemas/usher.schema.json
  COMMAND usher schema recipe > ${generated}/schemas/usher-recipe.schema.json
  COMMAND usher completion bash > ${generated}/completion/usher
  COMMAND usher completion zsh > ${generated}/completion/_usher
  COMMAND usher completion fish > ${generated}/completion/usher.fish
  COMMAND sh ${PROJECT_SOURCE_DIR}/packaging/documents.sh ${generated} ${PROJECT_VERSION}
    $<IF:$<BOOL:${USHER_SANDBOX}>,${PROJECT_BINARY_DIR}/usher-sandbox,>
  COMMAND ${CMAKE_COMMAND} -E touch ${generated}/stamp
  DEPENDS usher $<$<BOOL:${USHER_SANDBOX}>:usher-sandbox> packaging/documents.sh COMMENT "Writing manual pages, completions and schemas" VERBATIM)
# Of `all`: installing takes what a build made, and builds nothing.
add_custom_target(usher_share ALL DEPENDS ${generated}/stamp)

# zsh looks below /usr for what vendors bring, below /usr/local for what the site has.
set(zsh_completions site-functions)
if(CMAKE_INSTALL_PREFIX STREQUAL /usr)
  set(zsh_completions vendor-completions)
endif()

install(TARGETS usher COMPONENT usher)
install(DIRECTORY ${generated}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT usher
  FILES_MATCHING PATTERN "usher.1.gz" PATTERN "usher-*.1.gz" PATTERN "usher-sandbox.1.gz" EXCLUDE)
install(DIRECTORY ${generated}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT usher
  FILES_MATCHING PATTERN "*.5.gz")
install(FILES ${generated}/completion/usher DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  COMPONENT usher)
install(FILES ${generated}/completion/_usher DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${zsh_completions} COMPONENT usher)
install(FILES ${generated}/completion/usher.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
  COMPONENT usher)
# As in the sources, so that links between pages lead to them.
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT usher)
foreach(page IN ITEMS examples/migration examples/sandbox tests/looks tests/scenarios tests/strangers)
  install(FILES ${page}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/${page} COMPONENT usher)
endforeach()
install(FILES README.md CHANGELOG.md CONTRIBUTING.md packaging/copyright ${generated}/changelog.gz DESTINATION ${CMAKE_INSTALL_DOCDIR}
  COMPONENT usher)
install(DIRECTORY ${generated}/schemas DESTINATION ${CMAKE_INSTALL_DATADIR}/usher COMPONENT usher)
install(DIRECTORY connectors/recipes DESTINATION ${CMAKE_INSTALL_DATADIR}/usher COMPONENT usher)
install(FILES packaging/systemd/usher@.service packaging/systemd/usher@.timer DESTINATION lib/systemd/system
  COMPONENT usher)
if(USHER_SANDBOX)
  install(TARGETS usher-sandbox COMPONENT sandbox)
  install(FILES examples/sandbox/README.md packaging/copyright ${generated}/changelog.gz
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/usher-sandbox COMPONENT sandbox)
  install(FILES ${generated}/man/usher-sandbox.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT sandbox)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME usher)
set(CPACK_PACKAGE_CONTACT "The usher developers <usher@example.org>")
# CPack gives every package the same first line.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "identity reconciliation engine")
set(CPACK_PACKAGE_HOMEPAGE_URL "https://usher.example.org")
set(CPACK_COMPONENTS_ALL usher)
if(USHER_SANDBOX)
  list(APPEND CPACK_COMPONENTS_ALL sandbox)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_USHER_PACKAGE_NAME usher)
set(CPACK_DEBIAN_USHER_PACKAGE_SUGGESTS "less, openssh-client")  # long reports; signed approvals
set(CPACK_DEBIAN_SANDBOX_PACKAGE_NAME usher-sandbox)
set(CPACK_DEBIAN_USHER_DESCRIPTION "Usher creates, updates and removes people's accounts on
every platform an organisation uses. It reads who should exist, reads what
each platform holds, plans the difference with the reason for every change,
and applies it: from a timer, as a report, or once, as a migration.")
set(CPACK_DEBIAN_SANDBOX_DESCRIPTION "Platforms played on this machine, to try usher on.
Plays the four platforms that usher has recipes for on the loopback
interface, with faults on request. For trying usher; it holds no real data.")
include(CPack)
