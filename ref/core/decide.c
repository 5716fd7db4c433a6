#include "decide.h"

/*@ predicate decided(struct anytls_decision d, integer action, integer violation, integer next) =
        d.action == action && d.violation == violation && d.next == next;
    predicate stream_open(integer stream) =
        stream == ANYTLS_STREAM_OPENING || stream == ANYTLS_STREAM_OPEN;
*/

/*@ assigns \nothing;
    ensures decided(\result, action, ANYTLS_OK, ANYTLS_NEXT_SAME);
*/
static struct anytls_decision act(enum anytls_action action)
{
    return (struct anytls_decision){action, ANYTLS_OK, ANYTLS_NEXT_SAME};
}

/*@ assigns \nothing;
    ensures decided(\result, ANYTLS_REPORT, violation, ANYTLS_NEXT_SAME);
*/
static struct anytls_decision report(enum anytls_status violation)
{
    return (struct anytls_decision){ANYTLS_REPORT, violation, ANYTLS_NEXT_SAME};
}

/* An action of a command that carries no data: data is consumed, and reported (FRAME-NO-DATA). */
/*@ assigns \nothing;
    ensures data ==>
        decided(\result, action, ANYTLS_UNEXPECTED_DATA, ANYTLS_NEXT_SAME);
    ensures !data ==>
        decided(\result, action, ANYTLS_OK, ANYTLS_NEXT_SAME);
*/
static struct anytls_decision act_without_data(enum anytls_action action, bool data)
{
    struct anytls_decision decision = act(action);

    if (data)
        decision.violation = ANYTLS_UNEXPECTED_DATA;
    return decision;
}

/*@ assigns \nothing;
    ensures \result <==> stream_open(stream);
*/
static bool is_open(enum anytls_stream_state stream)
{
    return stream == ANYTLS_STREAM_OPENING || stream == ANYTLS_STREAM_OPEN;
}

/*@ assigns \nothing;
    ensures stream_open(stream) && data ==>
        decided(\result, ANYTLS_DELIVER, ANYTLS_OK, ANYTLS_NEXT_SAME);
    ensures !(stream_open(stream) && data) ==>
        decided(\result, ANYTLS_DROP, ANYTLS_OK, ANYTLS_NEXT_SAME);
*/
static struct anytls_decision decide_psh(enum anytls_stream_state stream, bool data)
{
    return act(is_open(stream) && data ? ANYTLS_DELIVER : ANYTLS_DROP);
}

/*@ assigns \nothing;
    ensures stream_open(stream) && data ==>
        decided(\result, ANYTLS_FINISH_STREAM, ANYTLS_UNEXPECTED_DATA, ANYTLS_NEXT_SAME);
    ensures stream_open(stream) && !data ==>
        decided(\result, ANYTLS_FINISH_STREAM, ANYTLS_OK, ANYTLS_NEXT_SAME);
    ensures !stream_open(stream) && data ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_UNEXPECTED_DATA, ANYTLS_NEXT_SAME);
    ensures !stream_open(stream) && !data ==>
        decided(\result, ANYTLS_DROP, ANYTLS_OK, ANYTLS_NEXT_SAME);
*/
static struct anytls_decision decide_fin(enum anytls_stream_state stream, bool data)
{
    if (is_open(stream))
        return act_without_data(ANYTLS_FINISH_STREAM, data);
    return data ? report(ANYTLS_UNEXPECTED_DATA) : act(ANYTLS_DROP);
}

/*@ assigns \nothing;
    ensures state == ANYTLS_STATE_NEW ==>
        decided(\result, ANYTLS_REFUSE_SESSION, ANYTLS_SYN_BEFORE_SETTINGS, ANYTLS_NEXT_CLOSED);
    ensures state != ANYTLS_STATE_NEW && stream_open(stream) ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_SECOND_SYN, ANYTLS_NEXT_SAME);
    ensures state != ANYTLS_STATE_NEW && stream == ANYTLS_STREAM_PAST ==>
        decided(\result, ANYTLS_OPEN_STREAM, ANYTLS_ID_NOT_ASCENDING, ANYTLS_NEXT_SAME);
    ensures state != ANYTLS_STATE_NEW && !stream_open(stream) && stream != ANYTLS_STREAM_PAST &&
        data ==>
        decided(\result, ANYTLS_OPEN_STREAM, ANYTLS_UNEXPECTED_DATA, ANYTLS_NEXT_SAME);
    ensures state != ANYTLS_STATE_NEW && !stream_open(stream) && stream != ANYTLS_STREAM_PAST &&
        !data ==>
        decided(\result, ANYTLS_OPEN_STREAM, ANYTLS_OK, ANYTLS_NEXT_SAME);
*/
static struct anytls_decision decide_syn(enum anytls_state state, enum anytls_stream_state stream,
                                         bool data)
{
    struct anytls_decision decision;

    if (state == ANYTLS_STATE_NEW)
        return (struct anytls_decision){ANYTLS_REFUSE_SESSION, ANYTLS_SYN_BEFORE_SETTINGS,
                                        ANYTLS_NEXT_CLOSED};
    if (is_open(stream))
        return report(ANYTLS_SECOND_SYN);
    decision = act_without_data(ANYTLS_OPEN_STREAM, data);
    if (stream == ANYTLS_STREAM_PAST)
        decision.violation = ANYTLS_ID_NOT_ASCENDING;
    return decision;
}

/* Settings or ServerSettings: taken once, and not without data. */
/*@ assigns \nothing;
    ensures taken ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_SECOND_SETTINGS, ANYTLS_NEXT_SAME);
    ensures !taken && !data ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_EMPTY_SETTINGS, ANYTLS_NEXT_SAME);
    ensures !taken && data ==>
        decided(\result, take, ANYTLS_OK, ANYTLS_NEXT_BY_VERSION);
*/
static struct anytls_decision decide_settings(enum anytls_action take, bool taken, bool data)
{
    if (taken)
        return report(ANYTLS_SECOND_SETTINGS);
    if (!data)
        return report(ANYTLS_EMPTY_SETTINGS);
    return (struct anytls_decision){take, ANYTLS_OK, ANYTLS_NEXT_BY_VERSION};
}

/*@ assigns \nothing;
    ensures state != ANYTLS_STATE_V2 && !(stream_open(stream) && data) ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_WRONG_VERSION, ANYTLS_NEXT_SAME);
    ensures state != ANYTLS_STATE_V2 && stream_open(stream) && data ==>
        decided(\result, ANYTLS_REFUSE_STREAM, ANYTLS_WRONG_VERSION, ANYTLS_NEXT_SAME);
    ensures state == ANYTLS_STATE_V2 && !stream_open(stream) ==>
        decided(\result, ANYTLS_DROP, ANYTLS_OK, ANYTLS_NEXT_SAME);
    ensures state == ANYTLS_STATE_V2 && stream_open(stream) && data ==>
        decided(\result, ANYTLS_REFUSE_STREAM, ANYTLS_OK, ANYTLS_NEXT_SAME);
    ensures state == ANYTLS_STATE_V2 && stream == ANYTLS_STREAM_OPEN && !data ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_SECOND_SYNACK, ANYTLS_NEXT_SAME);
    ensures state == ANYTLS_STATE_V2 && stream == ANYTLS_STREAM_OPENING && !data ==>
        decided(\result, ANYTLS_ACCEPT_STREAM, ANYTLS_OK, ANYTLS_NEXT_SAME);
*/
static struct anytls_decision decide_synack(enum anytls_state state,
                                            enum anytls_stream_state stream, bool data)
{
    struct anytls_decision decision = act(ANYTLS_REFUSE_STREAM);

    if (state != ANYTLS_STATE_V2) {
        if (!is_open(stream) || !data)
            return report(ANYTLS_WRONG_VERSION);
        decision.violation = ANYTLS_WRONG_VERSION;
        return decision;
    }
    if (!is_open(stream))
        return act(ANYTLS_DROP);
    if (data)
        return decision;
    if (stream == ANYTLS_STREAM_OPEN)
        return report(ANYTLS_SECOND_SYNACK);
    return act(ANYTLS_ACCEPT_STREAM);
}

/*@ assigns \nothing;
    ensures decided(\result, ANYTLS_TAKE_ALERT, ANYTLS_OK, ANYTLS_NEXT_CLOSED);
*/
static struct anytls_decision decide_alert(void)
{
    return (struct anytls_decision){ANYTLS_TAKE_ALERT, ANYTLS_OK, ANYTLS_NEXT_CLOSED};
}

/*@ assigns \nothing;
    ensures command == ANYTLS_SYN && state == ANYTLS_STATE_NEW ==>
        decided(\result, ANYTLS_REFUSE_SESSION, ANYTLS_SYN_BEFORE_SETTINGS, ANYTLS_NEXT_CLOSED);
    ensures command == ANYTLS_SYN && state != ANYTLS_STATE_NEW && stream_open(stream) ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_SECOND_SYN, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SYN && state != ANYTLS_STATE_NEW && stream == ANYTLS_STREAM_PAST ==>
        decided(\result, ANYTLS_OPEN_STREAM, ANYTLS_ID_NOT_ASCENDING, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SYN && state != ANYTLS_STATE_NEW && !stream_open(stream) &&
        stream != ANYTLS_STREAM_PAST && data ==>
        decided(\result, ANYTLS_OPEN_STREAM, ANYTLS_UNEXPECTED_DATA, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SYN && state != ANYTLS_STATE_NEW && !stream_open(stream) &&
        stream != ANYTLS_STREAM_PAST && !data ==>
        decided(\result, ANYTLS_OPEN_STREAM, ANYTLS_OK, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SETTINGS && state != ANYTLS_STATE_NEW ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_SECOND_SETTINGS, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SETTINGS && state == ANYTLS_STATE_NEW && !data ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_EMPTY_SETTINGS, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SETTINGS && state == ANYTLS_STATE_NEW && data ==>
        decided(\result, ANYTLS_TAKE_SETTINGS, ANYTLS_OK, ANYTLS_NEXT_BY_VERSION);
    ensures command == ANYTLS_ALERT ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_WRONG_SIDE, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_UPDATE_PADDING_SCHEME ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_WRONG_SIDE, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SYNACK ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_WRONG_SIDE, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SERVER_SETTINGS ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_WRONG_SIDE, ANYTLS_NEXT_SAME);
    ensures command > ANYTLS_SERVER_SETTINGS ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_UNKNOWN_COMMAND, ANYTLS_NEXT_SAME);
*/
static struct anytls_decision decide_server(enum anytls_state state, uint8_t command,
                                            enum anytls_stream_state stream, bool data)
{
    switch (command) {
    case ANYTLS_SYN: return decide_syn(state, stream, data);
    case ANYTLS_SETTINGS:
        return decide_settings(ANYTLS_TAKE_SETTINGS, state != ANYTLS_STATE_NEW, data);
    case ANYTLS_ALERT:
    case ANYTLS_UPDATE_PADDING_SCHEME:
    case ANYTLS_SYNACK:
    case ANYTLS_SERVER_SETTINGS: return report(ANYTLS_WRONG_SIDE);
    default: return report(ANYTLS_UNKNOWN_COMMAND);
    }
}

/*@ assigns \nothing;
    ensures command == ANYTLS_SYN ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_WRONG_SIDE, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SETTINGS ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_WRONG_SIDE, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_ALERT ==>
        decided(\result, ANYTLS_TAKE_ALERT, ANYTLS_OK, ANYTLS_NEXT_CLOSED);
    ensures command == ANYTLS_UPDATE_PADDING_SCHEME ==>
        decided(\result, ANYTLS_TAKE_SCHEME, ANYTLS_OK, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SYNACK && state != ANYTLS_STATE_V2 && !(stream_open(stream) &&
        data) ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_WRONG_VERSION, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SYNACK && state != ANYTLS_STATE_V2 && stream_open(stream) && data ==>
        decided(\result, ANYTLS_REFUSE_STREAM, ANYTLS_WRONG_VERSION, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SYNACK && state == ANYTLS_STATE_V2 && !stream_open(stream) ==>
        decided(\result, ANYTLS_DROP, ANYTLS_OK, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SYNACK && state == ANYTLS_STATE_V2 && stream_open(stream) && data ==>
        decided(\result, ANYTLS_REFUSE_STREAM, ANYTLS_OK, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SYNACK && state == ANYTLS_STATE_V2 &&
        stream == ANYTLS_STREAM_OPEN && !data ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_SECOND_SYNACK, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SYNACK && state == ANYTLS_STATE_V2 &&
        stream == ANYTLS_STREAM_OPENING && !data ==>
        decided(\result, ANYTLS_ACCEPT_STREAM, ANYTLS_OK, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SERVER_SETTINGS && state == ANYTLS_STATE_V2 ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_SECOND_SETTINGS, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SERVER_SETTINGS && state != ANYTLS_STATE_V2 && !data ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_EMPTY_SETTINGS, ANYTLS_NEXT_SAME);
    ensures command == ANYTLS_SERVER_SETTINGS && state != ANYTLS_STATE_V2 && data ==>
        decided(\result, ANYTLS_TAKE_SERVER_SETTINGS, ANYTLS_OK, ANYTLS_NEXT_BY_VERSION);
    ensures command > ANYTLS_SERVER_SETTINGS ==>
        decided(\result, ANYTLS_REPORT, ANYTLS_UNKNOWN_COMMAND, ANYTLS_NEXT_SAME);
*/
static struct anytls_decision decide_client(enum anytls_state state, uint8_t command,
                                            enum anytls_stream_state stream, bool data)
{
    switch (command) {
    case ANYTLS_SYN:
    case ANYTLS_SETTINGS: return report(ANYTLS_WRONG_SIDE);
    case ANYTLS_ALERT: return decide_alert();
    case ANYTLS_UPDATE_PADDING_SCHEME: return act(ANYTLS_TAKE_SCHEME);
    case ANYTLS_SYNACK: return decide_synack(state, stream, data);
    case ANYTLS_SERVER_SETTINGS:
        return decide_settings(ANYTLS_TAKE_SERVER_SETTINGS, state == ANYTLS_STATE_V2, data);
    default: return report(ANYTLS_UNKNOWN_COMMAND);
    }
}

struct anytls_decision anytls_decide(enum anytls_role role, enum anytls_state state,
                                     uint8_t command, enum anytls_stream_state stream, bool data)
{
    switch (command) {
    case ANYTLS_WASTE: return act(ANYTLS_DROP);
    case ANYTLS_PSH: return decide_psh(stream, data);
    case ANYTLS_FIN: return decide_fin(stream, data);
    case ANYTLS_HEART_REQUEST: return act_without_data(ANYTLS_ANSWER_HEART, data);
    case ANYTLS_HEART_RESPONSE: return act_without_data(ANYTLS_HEART_ANSWERED, data);
    default: break;
    }
    if (role == ANYTLS_SERVER)
        return decide_server(state, command, stream, data);
    return decide_client(state, command, stream, data);
}
