# The programs: libuv, and the library.

PROGRAM_LIBS = $(LIBRARY_LIBS) -luv
PROGRAM_SHARED := workspace wire tunnel dial names options listen log
SERVER_FILES := server_main server_run server_workers server_settings server_session server_target \
	server_udp
CLIENT_FILES := client_main client_pool client_scheme client_session client_inbound client_udp \
	socks uri
FRAME_FILES := frame_main frame_text

program_objects = $(patsubst %,$(B)/ref/programs/%.o,$(1))

$(B)/anytls-server: $(call program_objects,$(SERVER_FILES) $(PROGRAM_SHARED)) $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(PROGRAM_LIBS) -o $@

$(B)/anytls-client: $(call program_objects,$(CLIENT_FILES) $(PROGRAM_SHARED)) $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(PROGRAM_LIBS) -o $@

$(B)/anytls-frame: $(call program_objects,$(FRAME_FILES) options) $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(PROGRAM_LIBS) -o $@
