# The programs: libuv, and the library.

PROGRAM_LIBS = $(LIBRARY_LIBS) -luv
