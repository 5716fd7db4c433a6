/* A server's session: a program of bytes from a client and calls (session_program.h), run once with
 * the bytes as they are and once cut otherwise. After each step the session keeps its promises
 * (session_harness.h), and both runs have answered the same.
 *
 * reaches: anytls_session_begin, anytls_session_receive, anytls_session_accept,
 * anytls_session_refuse, anytls_session_send, anytls_session_finish, anytls_session_alert,
 * anytls_session_heartbeat, anytls_session_tick, anytls_session_deadline, anytls_session_pause,
 * anytls_session_resume, anytls_session_user_set, anytls_session_close, anytls_session_plan,
 * anytls_session_shaped, anytls_session_output_max, anytls_decide, anytls_streams_find,
 * anytls_streams_state, anytls_streams_open, anytls_streams_accept, anytls_streams_close,
 * anytls_put, anytls_put_alert, anytls_put_refusal, anytls_reason, anytls_status_text */
#include "session_harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};

    harness_run(ANYTLS_SERVER, input);
    return 0;
}
