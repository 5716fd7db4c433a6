/* A session between a client and a server, with three streams, over a channel that can be cut at
 * any point. What a side does with a frame, and what a call does, are the rows of the tables
 * themselves (guards.pml, made from them); written here are the two endpoints' memory, the frames
 * in flight, when honest sides make which call, and what must hold.
 *
 * A step is one d_step: a frame is taken from the wire, or a call is made. Variants:
 *   WILD=1, WILD=2  the client, or the server, is anybody: any frame, in any order; and the side
 *                   that is left makes any call, also those that fail
 *   PATIENT         a client's application ends a stream only once it was told something
 *   LAZY            a server's target never ends a stream by itself
 *   SLOTS=n         a server's table has n places (without it: 2 or 3)
 *   TRACE           each step is printed, for tests/replay; BOUND=n: all traces of n steps
 *   CALM            nobody cuts, closes or alerts from the beginning on: long traces
 *
 * data is 0 (none) or 1; of Settings and ServerSettings it is the version that they say. */
#include "guards.pml"

#define CLIENT 0
#define SERVER 1
#define STREAMS 3 /* ids 1 to 3, and 0, which only a wild client opens */
#define WIRE 3    /* frames in flight to the server; to the client one less */

#ifndef WILD
#define WILD 0
#endif
#ifdef PATIENT
#define MAY_END(id) (told[id])
#else
#define MAY_END(id) true
#endif
#ifdef LAZY
#define TARGET_ENDS false
#else
#define TARGET_ENDS true
#endif

typedef Side {
    byte version;       /* the newest that it has */
    byte state;         /* of the session */
    byte stream[4];     /* of each id: 0, T_opening, T_open */
    byte highest;       /* id that was ever opened */
    byte slots;         /* places of its table of streams */
    bool settings_sent;
    bool waiting;       /* for a sign of life */
    bool strict;
    bool sent[4];       /* an honest server sends data once a stream */
    bool gone[4];       /* a FIN, or a refusal, came or left: no data are passed on */
    bool opened[4];     /* ever */
};

Side side[2];
chan wire[2] = [WIRE] of { byte, byte, byte }; /* from each side: command, stream, data */
bool cut;
#ifndef CALM
#define CALM false
#endif
bool calm = CALM; /* from here on nobody cuts, closes or alerts: what is owed comes without that */
bool over;      /* honest sides have nothing more to do */
bool stale;     /* the client holds another scheme than the server */
bool hearts;    /* the client has sent its one HeartRequest */
bool asked[4];  /* the client opened a stream: a request ... */
bool told[4];   /* ... that was answered, refused, ended, or ended itself */
bool said_v2;   /* WILD=1: the client's Settings said version 2 */

/* What must hold, by name. Each is false for one moment only: pan names it then. */
bool no_violation_between_honest_sides = true;
bool no_data_after_fin = true;
bool ids_are_never_reused = true;
bool no_v2_command_reaches_a_v1_peer = true;
bool a_closed_session_is_silent = true;
bool a_call_is_allowed_as_the_table_says = true;
bool no_more_streams_than_places = true;

/* Of one step; not part of the state. */
hidden byte row, action, violation, next, status, output, effect, event, event_id, c, i, d, w, x, y;
hidden byte out_c[3], out_i[3], out_d[3], outs;

#define role_of(me) (me == CLIENT -> R_client : R_server)
#define live(me) (side[me].state != S_closed)
#define known(me, id)                                                                              \
    (side[me].stream[id] -> side[me].stream[id] : (id <= side[me].highest -> T_past : T_fresh))
#define count(me)                                                                                  \
    ((side[me].stream[0] > 0) + (side[me].stream[1] > 0) + (side[me].stream[2] > 0) +              \
     (side[me].stream[3] > 0))
#define is_v2_command(c)                                                                           \
    (c == C_SYNACK || c == C_HeartRequest || c == C_HeartResponse || c == C_ServerSettings)
#define room(me, n) (cut || len(wire[me]) + n + me <= WIRE)

/* Both tables empty, nothing on the way: there may be an end here. */
#define quiet                                                                                      \
    ((!live(CLIENT) && !live(SERVER)) ||                                                           \
     (live(CLIENT) && live(SERVER) && !cut && count(CLIENT) == 0 && count(SERVER) == 0 &&          \
      empty(wire[CLIENT]) && empty(wire[SERVER]) && !side[CLIENT].waiting))

#define ended(id)                                                                                  \
    (!asked[id] ||                                                                                 \
     (side[CLIENT].stream[id] == 0 && side[SERVER].stream[id] == 0 && side[SERVER].highest >= id))
#define settled ((!live(CLIENT) && !live(SERVER)) || (ended(1) && ended(2) && ended(3)))
#define answered (asked[1] <= told[1] && asked[2] <= told[2] && asked[3] <= told[3])

/* Where a trace is cut short, or anybody may fall silent, every place is an end; else none is. */
#if defined(TRACE) || WILD > 0
#define LOOP end_loop
#else
#define LOOP loop
#endif

/* ---- Traces ---- */

#ifdef TRACE
#ifdef PAN
#define DEPTH c_expr { (int)depth }
#else
#define DEPTH 0
#endif
short from; /* the depth at which a step of several choices began */
#define here from = DEPTH
#define gone_on from = 0
#ifdef BOUND
/* Two histories are two states: pan walks the tree of all traces. */
short path[BOUND];
byte steps;
#define GO (steps < BOUND)
#define remember(code) path[steps] = code; steps++
#else
#define GO true
#define remember(code) skip
#endif
#define tell(me, what, ci, cd)                                                                     \
    remember((((me * 16 + c) * 4 + ci) * 4 + cd) * 64 + what);                                     \
    printf("T %d %d %d %d %d %d %d %d %d %d %d ", (from > 0 -> from : DEPTH), me, what, c, ci, cd, row, status, event,  \
           event_id, violation);                                                                   \
    printf("%d %d %d %d %d %d %d %d %d %d ", outs, out_c[0], out_i[0], out_d[0], out_c[1],         \
           out_i[1], out_d[1], out_c[2], out_i[2], out_d[2]);                                      \
    printf("%d %d %d %d %d %d\n", side[me].state, known(me, 0), known(me, 1), known(me, 2),        \
           known(me, 3), side[me].waiting)
#else
#define GO true
#define tell(me, what, ci, cd) skip
#define here skip
#define gone_on skip
#endif

inline begin_step() {
    row = 0; action = 0; violation = V_none; next = N_same; status = Z_ok; output = O_none;
    effect = F_none; event = E_none; event_id = 0; outs = 0; c = 0; i = 0; d = 0; w = 0;
    out_c[0] = 0; out_c[1] = 0; out_c[2] = 0; out_i[0] = 0; out_i[1] = 0; out_i[2] = 0;
    out_d[0] = 0; out_d[1] = 0; out_d[2] = 0
}

/* ---- What both sides do ---- */

/* A frame leaves. It is lost where nobody reads any more. */
inline put(me, command, id, data) {
    a_closed_session_is_silent = live(me);
    assert(a_closed_session_is_silent);
    out_c[outs] = command; out_i[outs] = id; out_d[outs] = data;
    outs++;
    if
    :: WILD == 1 && command != C_HeartResponse && is_v2_command(command) ->
        no_v2_command_reaches_a_v1_peer = said_v2;
        assert(no_v2_command_reaches_a_v1_peer)
    :: else
    fi;
    if
    :: WILD == 0 && !cut && live(1 - me) -> wire[me]!command, id, data
    :: else
    fi
}

/* The side ends its connection: what comes in any more is lost, what left is still on its way. */
inline shut(me) {
    side[me].state = S_closed;
    side[me].waiting = false;
    side[me].highest = 0; /* what is not looked at any more shall not be told apart */
    for (w : 0 .. STREAMS) {
        side[me].stream[w] = 0;
        side[me].gone[w] = false;
        side[me].sent[w] = false;
        side[me].opened[w] = false
    }
    do
    :: nempty(wire[1 - me]) -> wire[1 - me]?_, _, _
    :: empty(wire[1 - me]) -> break
    od;
    if
    :: me == CLIENT -> for (w : 1 .. STREAMS) { told[w] = asked[w] }
    :: else
    fi;
    w = 0
}

inline close_stream(me, id) {
    side[me].stream[id] = 0;
    side[me].sent[id] = false;
    side[me].gone[id] = true;
    if
    :: me == CLIENT -> told[id] = asked[id]
    :: else
    fi
}

inline open_here(me, id) {
    side[me].stream[id] = T_opening;
    side[me].gone[id] = false;
    side[me].opened[id] = true;
    if
    :: id > side[me].highest -> side[me].highest = id
    :: else
    fi;
    no_more_streams_than_places = (count(me) <= side[me].slots);
    assert(no_more_streams_than_places)
}

/* A SYN came. Where the table is full the stream is refused in the way of the version. */
inline take_syn(me) {
    if
    :: WILD == 0 ->
        ids_are_never_reused = !side[me].opened[i];
        assert(ids_are_never_reused)
    :: else
    fi;
    if
    :: count(me) == side[me].slots ->
        if
        :: i > side[me].highest -> side[me].highest = i
        :: else
        fi;
        violation = V_too_many_streams;
        if
        :: side[me].state == S_v2 -> put(me, C_SYNACK, i, 1)
        :: else -> put(me, C_FIN, i, 0)
        fi
    :: else ->
        open_here(me, i);
        event = E_opened
    fi
}

inline agree(me) {
    if
    :: side[me].version == 2 && d == 2 -> side[me].state = S_v2
    :: else -> side[me].state = S_v1
    fi
}

inline take_settings(me) {
    said_v2 = (WILD == 1 && d == 2);
    agree(me);
    if
    :: stale -> put(me, C_UpdatePaddingScheme, 0, 1)
    :: else
    fi;
    stale = (WILD > 0);
    if
    :: side[me].state == S_v2 -> put(me, C_ServerSettings, 0, side[me].version)
    :: else
    fi;
    event = E_settings
}

inline pass_on(me) {
    no_data_after_fin = !side[me].gone[i];
    assert(no_data_after_fin);
    event = E_data;
    if
    :: me == CLIENT -> told[i] = true
    :: else
    fi
}

inline act(me) {
    if
    :: action == A_refuse_session -> put(me, C_Alert, 0, 1); event = E_closed; shut(me)
    :: action == A_open_stream -> take_syn(me)
    :: action == A_deliver -> pass_on(me)
    :: action == A_finish_stream -> close_stream(me, i); event = E_finished
    :: action == A_take_settings -> take_settings(me)
    :: action == A_take_server_settings -> agree(me); event = E_server_settings
    :: action == A_take_scheme && d > 0 -> event = E_scheme
    :: action == A_take_scheme && d == 0 -> violation = V_bad_stop
    :: action == A_take_alert -> event = E_alert; violation = V_alerted; shut(me)
    :: action == A_accept_stream -> side[me].stream[i] = T_open; event = E_accepted
    :: action == A_refuse_stream -> close_stream(me, i); event = E_refused
    :: action == A_answer_heart -> put(me, C_HeartResponse, i, 0)
    :: action == A_heart_answered -> event = E_heart_answered
    :: else
    fi
}

/* A strict session ends at its first violation, a server's with Alert. */
inline judge(me) {
    if
    :: side[me].strict && live(me) && violation != V_none ->
        if
        :: me == SERVER -> put(me, C_Alert, 0, 1)
        :: else
        fi;
        event = E_closed;
        shut(me)
    :: else
    fi
}

/* The next frame that came. */
inline receive(me) {
    begin_step();
    wire[1 - me]?c, i, d;
    if
    :: WILD == 0 && is_v2_command(c) ->
        no_v2_command_reaches_a_v1_peer = (side[me].version == 2);
        assert(no_v2_command_reaches_a_v1_peer)
    :: else
    fi;
    g_role = role_of(me);
    g_state = side[me].state;
    g_command = c;
    g_stream = known(me, i);
    g_data = (d > 0);
    decide();
    event_id = i;
    side[me].waiting = false;
    act(me);
    judge(me);
    if
    :: WILD == 0 ->
        no_violation_between_honest_sides =
            (violation == V_none || violation == V_alerted || violation == V_too_many_streams);
        assert(no_violation_between_honest_sides)
    :: else
    fi;
    tell(me, K_receive, i, d)
}

/* The other side has ended the connection, or the channel was cut. */
#define at_end(me) (live(me) && (cut || (WILD == 0 && !live(1 - me) && empty(wire[1 - me]))))

inline take_end(me) {
    begin_step();
    shut(me);
    tell(me, K_end, 0, 0)
}

/* ---- Calls ---- */

inline put_output(me, id) {
    if
    :: output == O_Settings_SYN_PSH ->
        if
        :: !side[me].settings_sent -> put(me, C_Settings, 0, side[me].version)
        :: else
        fi;
        side[me].settings_sent = true;
        put(me, C_SYN, id, 0);
        put(me, C_PSH, id, 1)
    :: output == O_PSH -> put(me, C_PSH, id, 1)
    :: output == O_FIN -> put(me, C_FIN, id, 0)
    :: output == O_SYNACK -> put(me, C_SYNACK, id, 0)
    :: output == O_SYNACK_error -> put(me, C_SYNACK, id, 1)
    :: output == O_HeartRequest -> put(me, C_HeartRequest, 0, 0)
    :: output == O_Alert -> put(me, C_Alert, 0, 1)
    :: output == O_none
    fi
}

inline take_effect(me, id) {
    if
    :: effect == F_open_stream ->
        ids_are_never_reused = !side[me].opened[id];
        assert(ids_are_never_reused);
        open_here(me, id);
        asked[id] = true
    :: effect == F_close_stream -> close_stream(me, id)
    :: effect == F_accept_stream -> side[me].stream[id] = T_open
    :: effect == F_heart_sent -> side[me].waiting = true
    :: effect == F_none
    fi
}

/* A call, as its row says; when: T_open for calls about a stream, whose state is looked up. An
 * honest side makes none that fails. */
inline call(me, what, when, id) {
    begin_step();
    g_role = role_of(me);
    g_state = side[me].state;
    g_call = what;
    if
    :: when == T_open -> g_when = known(me, id)
    :: else -> g_when = when
    fi;
    consult();
    if
    :: WILD == 0 ->
        a_call_is_allowed_as_the_table_says = (status == Z_ok);
        assert(a_call_is_allowed_as_the_table_says)
    :: else
    fi;
    put_output(me, id);
    take_effect(me, id);
    if
    :: next == N_closed && live(me) -> shut(me)
    :: else
    fi;
    tell(me, what, id, 0)
}

#define next_id (side[CLIENT].highest + 1)

/* ---- Honest sides ---- */

#define may_send(me, id)                                                                           \
    (GO && !side[me].sent[id] && room(me, 1) &&                                                    \
     (side[me].stream[id] == T_open || (me == CLIENT && side[me].stream[id] == T_opening)))

inline send_one(me, id) {
    side[me].sent[id] = true;
    call(me, K_send, T_open, id)
}

#if WILD != 1
proctype client() {
LOOP:
    do
    :: over -> break
    :: d_step { GO && nempty(wire[SERVER]) && live(CLIENT) -> receive(CLIENT) }
    :: d_step { GO && at_end(CLIENT) -> take_end(CLIENT) }
#if WILD == 0
    :: d_step { GO && !over && live(CLIENT) && next_id <= STREAMS && room(CLIENT, 3) ->
                x = next_id;
                call(CLIENT, K_open, W_free, x) }
    :: d_step { GO && side[CLIENT].stream[1] && MAY_END(1) && room(CLIENT, 1) ->
                call(CLIENT, K_finish, T_open, 1) }
    :: d_step { GO && side[CLIENT].stream[2] && MAY_END(2) && room(CLIENT, 1) ->
                call(CLIENT, K_finish, T_open, 2) }
    :: d_step { GO && side[CLIENT].stream[3] && MAY_END(3) && room(CLIENT, 1) ->
                call(CLIENT, K_finish, T_open, 3) }
    :: d_step { GO && !over && side[CLIENT].state == S_v2 && !hearts && room(CLIENT, 1) ->
                hearts = true;
                call(CLIENT, K_heartbeat, W_idle, 0) }
    :: d_step { GO && !over && !calm && live(CLIENT) -> call(CLIENT, K_close, 0, 0) }
    :: d_step { quiet && !over -> over = true }
#endif
    od
}
#endif

#if WILD != 2
proctype server() {
LOOP:
    do
    :: over -> break
    :: d_step { GO && nempty(wire[CLIENT]) && live(SERVER) && room(SERVER, 2) -> receive(SERVER) }
    :: d_step { GO && at_end(SERVER) -> take_end(SERVER) }
#if WILD == 0
#define opening_here(id) (GO && side[SERVER].stream[id] == T_opening && room(SERVER, 1))
    :: d_step { opening_here(1) -> call(SERVER, K_accept, T_open, 1) }
    :: d_step { opening_here(2) -> call(SERVER, K_accept, T_open, 2) }
    :: d_step { opening_here(3) -> call(SERVER, K_accept, T_open, 3) }
    :: d_step { opening_here(1) -> call(SERVER, K_refuse, T_open, 1) }
    :: d_step { opening_here(2) -> call(SERVER, K_refuse, T_open, 2) }
    :: d_step { opening_here(3) -> call(SERVER, K_refuse, T_open, 3) }
    :: d_step { may_send(SERVER, 1) -> send_one(SERVER, 1) }
    :: d_step { may_send(SERVER, 2) -> send_one(SERVER, 2) }
    :: d_step { may_send(SERVER, 3) -> send_one(SERVER, 3) }
#define open_here_now(id)                                                                          \
    (GO && TARGET_ENDS && side[SERVER].stream[id] == T_open && room(SERVER, 1))
    :: d_step { open_here_now(1) -> call(SERVER, K_finish, T_open, 1) }
    :: d_step { open_here_now(2) -> call(SERVER, K_finish, T_open, 2) }
    :: d_step { open_here_now(3) -> call(SERVER, K_finish, T_open, 3) }
    :: d_step { GO && live(SERVER) && !over && !calm && room(SERVER, 1) ->
                call(SERVER, K_alert, 0, 0) }
    :: d_step { GO && live(SERVER) && !over && !calm -> call(SERVER, K_close, 0, 0) }
#endif
    od
}
#endif

/* The channel is cut at any point: what is in flight is lost. */
inline cut_wire() {
    begin_step();
    do
    :: nempty(wire[CLIENT]) -> wire[CLIENT]?_, _, _
    :: empty(wire[CLIENT]) -> break
    od;
    do
    :: nempty(wire[SERVER]) -> wire[SERVER]?_, _, _
    :: empty(wire[SERVER]) -> break
    od;
    cut = true;
    tell(CLIENT, K_cut, 0, 0)
}

proctype channel() {
LOOP:
    do
    :: over -> break
    :: d_step { GO && !cut && !calm && !over && (live(CLIENT) || live(SERVER)) -> cut_wire() }
#ifndef TRACE
    :: d_step { !calm && !over -> calm = true }
#endif
    od
}

/* ---- Anybody ---- */

#if WILD > 0
#define WILD_SIDE (WILD - 1)
#define HONEST (2 - WILD)

/* Any frame, when the one before was taken. */
proctype anybody() {
    byte command, id, data;
LOOP:
    do
    :: atomic { GO && empty(wire[WILD_SIDE]) && live(HONEST) ->
            here;
            select(command : 1 .. 12);
            select(id : 0 .. STREAMS);
            select(data : 0 .. 2);
            /* 2 says something of Settings alone; the command is one of C_... */
            if
            :: CALM && command == C_Alert -> command = C_PSH
            :: else
            fi;
            if
            :: data == 2 && command != C_Settings && command != C_ServerSettings -> data = 1
            :: else
            fi;
            d_step {
                begin_step();
                c = command;
                wire[WILD_SIDE]!command, id, data;
                tell(WILD_SIDE, K_any, id, data);
                command = 0; id = 0; data = 0;
                gone_on
            } }
    od
}

/* Any call of the side that is left, on any stream, also those that fail. */
proctype caller() {
    byte what, id;
LOOP:
    do
    :: atomic { GO ->
            here;
            if
            :: what = K_open
            :: what = K_send
            :: what = K_finish
            :: what = K_accept
            :: what = K_refuse
            :: what = K_heartbeat
            :: !CALM -> what = K_alert
            :: !CALM -> what = K_close
            fi;
            if
            :: what == K_send || what == K_finish || what == K_accept || what == K_refuse ->
                select(id : 0 .. STREAMS)
            :: else
            fi;
            if
            :: what == K_open && HONEST == CLIENT && next_id > STREAMS && live(CLIENT) -> skip
            :: else ->
                d_step {
                    begin_step();
                    if
                    :: what == K_open ->
                        id = (next_id <= STREAMS -> next_id : 0);
                        y = (count(HONEST) == side[HONEST].slots -> W_full : W_free)
                    :: what == K_heartbeat -> y = (side[HONEST].waiting -> W_waiting : W_idle)
                    :: else -> y = T_open
                    fi;
                    call(HONEST, what, y, id)
                }
            fi;
            what = 0; id = 0; gone_on }
    od
}
#endif

init {
    byte choice; /* part of the state, so that two choices are two states */
    atomic {
        select(choice : 1 .. 2);
        side[CLIENT].version = choice;
        select(choice : 1 .. 2);
        side[SERVER].version = choice;
        side[CLIENT].state = S_v1;
        side[SERVER].state = S_new;
        side[CLIENT].slots = STREAMS;
#ifdef SLOTS
        side[SERVER].slots = SLOTS;
#else
        select(choice : 2 .. 3);
        side[SERVER].slots = choice;
#endif
#if WILD > 0
        stale = true;
        side[CLIENT].slots = 2;
        select(choice : 0 .. 1);
        side[HONEST].strict = choice && !CALM;
#else
        stale = (side[SERVER].slots == 2);
#endif
#ifdef TRACE
        printf("B %d %d %d %d %d %d %d\n", DEPTH, WILD, side[CLIENT].version, side[SERVER].version,
               side[CLIENT].slots, side[SERVER].slots, stale + 2 * side[(WILD == 2 -> CLIENT : SERVER)].strict);
#endif
        choice = 0;
#if WILD > 0
        run anybody();
        run caller();
#else
        run channel();
#endif
#if WILD != 1
        run client();
#endif
#if WILD != 2
        run server();
#endif
    }
}

#if WILD == 0
ltl every_stream_ends { <> [] settled }
ltl every_request_is_told { <> [] answered }
#endif
