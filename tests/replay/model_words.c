#include "model_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/anytls.h"
#include "words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct name {
    const char *word;
    int value;
};

static const struct name names[] = {
    {"C_Waste", ANYTLS_WASTE},
    {"C_SYN", ANYTLS_SYN},
    {"C_PSH", ANYTLS_PSH},
    {"C_FIN", ANYTLS_FIN},
    {"C_Settings", ANYTLS_SETTINGS},
    {"C_Alert", ANYTLS_ALERT},
    {"C_UpdatePaddingScheme", ANYTLS_UPDATE_PADDING_SCHEME},
    {"C_SYNACK", ANYTLS_SYNACK},
    {"C_HeartRequest", ANYTLS_HEART_REQUEST},
    {"C_HeartResponse", ANYTLS_HEART_RESPONSE},
    {"C_ServerSettings", ANYTLS_SERVER_SETTINGS},
    {"C_other", 200},
    {"S_new", ANYTLS_STATE_NEW},
    {"S_v1", ANYTLS_STATE_V1},
    {"S_v2", ANYTLS_STATE_V2},
    {"S_closed", ANYTLS_STATE_CLOSED},
    {"T_fresh", ANYTLS_STREAM_FRESH},
    {"T_past", ANYTLS_STREAM_PAST},
    {"T_opening", ANYTLS_STREAM_OPENING},
    {"T_open", ANYTLS_STREAM_OPEN},
    {"Z_ok", ANYTLS_OK},
    {"Z_closed", ANYTLS_CLOSED},
    {"Z_not_allowed", ANYTLS_NOT_ALLOWED},
    {"Z_unknown_stream", ANYTLS_UNKNOWN_STREAM},
    {"Z_too_many_streams", ANYTLS_TOO_MANY_STREAMS},
    {"Z_no_more_ids", ANYTLS_NO_MORE_IDS},
    {"V_none", ANYTLS_OK},
    {"V_unexpected_data", ANYTLS_UNEXPECTED_DATA},
    {"V_syn_before_settings", ANYTLS_SYN_BEFORE_SETTINGS},
    {"V_id_not_ascending", ANYTLS_ID_NOT_ASCENDING},
    {"V_second_syn", ANYTLS_SECOND_SYN},
    {"V_empty_settings", ANYTLS_EMPTY_SETTINGS},
    {"V_second_settings", ANYTLS_SECOND_SETTINGS},
    {"V_wrong_side", ANYTLS_WRONG_SIDE},
    {"V_unknown_command", ANYTLS_UNKNOWN_COMMAND},
    {"V_wrong_version", ANYTLS_WRONG_VERSION},
    {"V_second_synack", ANYTLS_SECOND_SYNACK},
    {"V_too_many_streams", ANYTLS_TOO_MANY_STREAMS},
    {"V_bad_stop", ANYTLS_BAD_STOP},
    {"V_alerted", ANYTLS_ALERTED},
    {"E_none", ANYTLS_EVENT_NONE},
    {"E_settings", ANYTLS_EVENT_SETTINGS},
    {"E_server_settings", ANYTLS_EVENT_SERVER_SETTINGS},
    {"E_scheme", ANYTLS_EVENT_SCHEME},
    {"E_opened", ANYTLS_EVENT_STREAM_OPENED},
    {"E_accepted", ANYTLS_EVENT_STREAM_ACCEPTED},
    {"E_refused", ANYTLS_EVENT_STREAM_REFUSED},
    {"E_data", ANYTLS_EVENT_DATA},
    {"E_finished", ANYTLS_EVENT_STREAM_FINISHED},
    {"E_heart_answered", ANYTLS_EVENT_HEART_ANSWERED},
    {"E_alert", ANYTLS_EVENT_ALERT},
    {"E_closed", ANYTLS_EVENT_CLOSED},
};

const char *word_of(int number)
{
    if (number < 0 || (size_t)number >= COUNT(words)) {
        fprintf(stderr, "replay: %d is no number of the model\n", number);
        exit(2);
    }
    return words[number];
}

int value_of(int number)
{
    static int values[COUNT(words)]; /* one above the value */
    const char *word = word_of(number);

    for (size_t i = 0; values[number] == 0 && i < COUNT(names); i++)
        if (strcmp(names[i].word, word) == 0)
            values[number] = names[i].value + 1;
    if (values[number] == 0) {
        fprintf(stderr, "replay: the model's word %s has no counterpart\n", word);
        exit(2);
    }
    return values[number] - 1;
}

bool word_is(int number, const char *word)
{
    return strcmp(word_of(number), word) == 0;
}
