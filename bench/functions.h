/* All benchmark functions, by file, and the rows of the gate. */
#ifndef BENCH_FUNCTIONS_H
#define BENCH_FUNCTIONS_H

#include "engine.h"

#define BENCH_FUNCTIONS(F)                                                                         \
    F(session_bench, bench_frame_encoding)                                                         \
    F(session_bench, bench_frame_decode)                                                           \
    F(session_bench, bench_stream_creation)                                                        \
    F(session_bench, bench_session_startup)                                                        \
    F(session_bench, bench_session_startup_complete)                                               \
    F(session_bench, bench_session_write_frame)                                                    \
    F(session_bench, bench_session_write_data_frame)                                               \
    F(session_bench, bench_session_control_frames)                                                 \
    F(session_bench, bench_session_multiple_streams)                                               \
    F(session_bench, bench_padding_factory)                                                        \
    F(session_bench, bench_password_hashing)                                                       \
    F(stream_bench, bench_stream_write)                                                            \
    F(stream_bench, bench_stream_read)                                                             \
    F(stream_bench, bench_streamreader_read)                                                       \
    F(stream_bench, bench_stream_concurrent_read_write)                                            \
    F(e2e_bench, bench_e2e_stream_open_and_send)                                                   \
    F(e2e_bench, bench_e2e_multiple_streams_concurrent)                                            \
    F(e2e_bench, bench_e2e_data_throughput)                                                        \
    F(e2e_bench, bench_e2e_session_startup_and_streams)                                            \
    F(concurrent_bench, bench_concurrent_session_creation)                                         \
    F(concurrent_bench, bench_concurrent_stream_creation)                                          \
    F(concurrent_bench, bench_concurrent_stream_data_send)                                         \
    F(concurrent_bench, bench_concurrent_multi_session_multi_stream)                               \
    F(session_pool_bench, bench_session_pool_add_and_get)                                          \
    F(session_pool_bench, bench_session_pool_concurrent_get)                                       \
    F(session_pool_bench, bench_session_pool_cleanup)                                              \
    F(tls_bench, bench_tls_generate_key_pair)                                                      \
    F(tls_bench, bench_tls_generate_key_pair_with_name)                                            \
    F(tls_bench, bench_tls_create_server_config)                                                   \
    F(tls_bench, bench_tls_create_client_config)                                                   \
    F(tls_bench, bench_tls_config_reuse)                                                           \
    F(client_server_bench, bench_client_creation)                                                  \
    F(client_server_bench, bench_client_with_pool_config)                                          \
    F(client_server_bench, bench_tls_connector_creation)                                           \
    F(client_server_bench, bench_tls_connector_reuse)                                              \
    F(client_server_bench, bench_client_password_hashing)                                          \
    F(client_server_bench, bench_client_server_setup_components)                                   \
    F(memory_bench, bench_bytes_allocation)                                                        \
    F(memory_bench, bench_bytes_clone_vs_copy)                                                     \
    F(memory_bench, bench_bytes_slice)                                                             \
    F(memory_bench, bench_vec_vs_bytes_allocation)                                                 \
    F(memory_bench, bench_memory_reuse_patterns)                                                   \
    F(edge_cases_bench, bench_small_packets)                                                       \
    F(edge_cases_bench, bench_large_packets)                                                       \
    F(edge_cases_bench, bench_high_frequency_operations)                                           \
    F(edge_cases_bench, bench_rapid_stream_creation)                                               \
    F(comparison_bench, bench_baseline_frame_encoding)                                             \
    F(comparison_bench, bench_frame_encoding_strategies)                                           \
    F(comparison_bench, bench_stream_creation_overhead)                                            \
    F(comparison_bench, bench_session_startup_overhead)                                            \
    F(comparison_bench, bench_data_frame_throughput)                                               \
    F(comparison_bench, bench_critical_path_operations)                                            \
    F(udp_bench, bench_udp_round_trips)

#define BENCH_DECLARE(file, name) void name(struct bench *bench);
BENCH_FUNCTIONS(BENCH_DECLARE)
#undef BENCH_DECLARE

/* Rows on the paths that matter, each long enough that 5 % of it is no noise. */
#define BENCH_GATE                                                                                 \
    "session_bench/bench_frame_encoding/64 frames of 1024",                                        \
        "session_bench/bench_frame_encoding/16384",                                                \
        "session_bench/bench_frame_decode/64 frames of 1024",                                      \
        "session_bench/bench_stream_creation/in memory",                                           \
        "session_bench/bench_session_startup_complete/in memory",                                  \
        "session_bench/bench_session_write_frame/writes 2-7 of 256",                               \
        "session_bench/bench_session_write_data_frame/16384 over TLS",                             \
        "session_bench/bench_padding_factory/sizes of writes 0-9",                                 \
        "stream_bench/bench_stream_read/4096",                                                     \
        "session_pool_bench/bench_session_pool_concurrent_get/50 sessions and 20 takers",          \
        "edge_cases_bench/bench_rapid_stream_creation/100 streams"

#endif
