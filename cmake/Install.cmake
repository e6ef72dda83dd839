# What an installation has besides the program (cmd/) and the catalogues (po/): the templates
# that `facteur init` copies, the sample lists of `init --demo`, and what to read.
install(DIRECTORY templates lists DESTINATION ${CMAKE_INSTALL_DATADIR}/facteur)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
