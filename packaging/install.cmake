# What `cmake --install` and the packages install. Programs, their documentation, and what only the finished program can
# write: manual pages, completions.
include(GNUInstallDirs)

set(generated ${PROJECT_BINARY_DIR}/share)
add_custom_command(OUTPUT ${generated}/stamp
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${generated}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${generated}/man ${generated}/completion
  COMMAND usher manual --to ${generated}/man
  COMMAND usher completion bash > ${generated}/completion/usher
  COMMAND usher completion zsh > ${generated}/completion/_usher
  COMMAND usher completion fish > ${generated}/completion/usher.fish
  COMMAND ${CMAKE_COMMAND} -E touch ${generated}/stamp
  DEPENDS usher COMMENT "Writing manual pages and completions" VERBATIM)
add_custom_target(usher_share DEPENDS ${generated}/stamp)

# Section 5 of the manual is made of the documentation's own pages where lowdown is there to do it.
find_program(LOWDOWN lowdown)
if(LOWDOWN)
  foreach(page IN ITEMS configuration:usher.yaml recipes:usher-recipe)
    string(REPLACE ":" ";" page ${page})
    list(GET page 0 source)
    list(GET page 1 name)
    if(EXISTS ${PROJECT_SOURCE_DIR}/docs/${source}.md)
      add_custom_command(TARGET usher_share POST_BUILD VERBATIM
        COMMAND ${LOWDOWN} -s -tman -M title=${name} -M section=5 -M volume=Usher\ manual
          -o ${generated}/man/${name}.5 ${PROJECT_SOURCE_DIR}/docs/${source}.md)
    endif()
  endforeach()
endif()

install(TARGETS usher COMPONENT usher)
install(DIRECTORY ${generated}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT usher
  FILES_MATCHING PATTERN "*.1")
install(DIRECTORY ${generated}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT usher
  FILES_MATCHING PATTERN "*.5")
install(FILES ${generated}/completion/usher DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  COMPONENT usher)
install(FILES ${generated}/completion/_usher DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT usher)
install(FILES ${generated}/completion/usher.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
  COMPONENT usher)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT usher)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT usher)
install(DIRECTORY connectors/recipes DESTINATION ${CMAKE_INSTALL_DATADIR}/usher COMPONENT usher)
install(FILES packaging/systemd/usher@.service packaging/systemd/usher@.timer DESTINATION lib/systemd/system
  COMPONENT usher)
if(USHER_SANDBOX)
  install(TARGETS usher-sandbox COMPONENT sandbox)
  install(FILES examples/sandbox/README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/usher-sandbox COMPONENT sandbox)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME usher)
set(CPACK_PACKAGE_CONTACT "The usher developers <usher@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
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
set(CPACK_DEBIAN_SANDBOX_PACKAGE_NAME usher-sandbox)
set(CPACK_COMPONENT_USHER_DESCRIPTION "identity reconciliation engine
 Usher sees people in, keeps them in their right seats and sees them out, on
 every platform an organisation uses. It reads who should exist, reads what each
 platform holds, plans the difference with the reason for every change, and
 applies it: from a timer, as a dry-run report, or once, as a migration.")
set(CPACK_COMPONENT_SANDBOX_DESCRIPTION "platforms played on this machine, to try usher on
 Plays the four platforms that usher has recipes for on the loopback interface,
 with faults on request. For trying usher and for its tests; holds no real data.")
include(CPack)
