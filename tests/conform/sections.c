/* All sections, in the order of reports. */
#include "conform.h"

extern const struct section server_auth, server_frame, server_settings, server_stream,
    server_synack, server_end, server_udp, server_robust, server_never, server_fallback;
extern const struct section client_begin, client_stream, client_frame, client_pool, client_padding,
    client_never, client_idle, client_shape;

const struct section *const server_sections[] = {
    &server_auth, &server_frame, &server_settings, &server_stream, &server_synack,
    &server_end,  &server_udp,   &server_robust,   &server_never,  &server_fallback,
    NULL};

const struct section *const client_sections[] = {&client_begin, &client_stream,  &client_frame,
                                                 &client_pool,  &client_padding, &client_never,
                                                 &client_idle,  &client_shape,   NULL};

extern const struct section chain_relay;

const struct section *const chain_sections[] = {&chain_relay, NULL};
