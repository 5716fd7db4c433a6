/* All sections, in the order of reports. */
#include "conform.h"

extern const struct section server_auth, server_frame, server_settings, server_stream,
    server_synack, server_end, server_udp, server_robust;
extern const struct section client_begin, client_stream, client_frame, client_pool, client_padding;

const struct section *const server_sections[] = {&server_auth,   &server_frame,  &server_settings,
                                                 &server_stream, &server_synack, &server_end,
                                                 &server_udp,    &server_robust, NULL};

const struct section *const client_sections[] = {&client_begin, &client_stream,  &client_frame,
                                                 &client_pool,  &client_padding, NULL};

extern const struct section chain_relay;

const struct section *const chain_sections[] = {&chain_relay, NULL};
