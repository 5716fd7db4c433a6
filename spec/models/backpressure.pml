/* Bounded buffers, heartbeats, and relays that stop reading. Two sides, two streams each way; a
 * frame waits in the sender's queue (with what the network holds) until the receiver reads it, and
 * a receiver reads only while it has room for what it read: in the relay's buffer for data, in its
 * own queue for HeartResponse. Data carry a number, so that what is lost, doubled or swapped shows.
 * Time is Spin's timeout: a deadline comes when nothing else can happen any more. Variants:
 *   READS_AGAIN  a relay that stops reads again; without it, it may stop for good
 *   NO_RESERVE   a queue that is full of data is full for HeartRequest and HeartResponse, too, and
 *                a side whose queue is full reads nothing: the fault that the reserve mends */

#define STREAMS 2
#define DATA_ROOM 1 /* data frames that a queue takes */
#ifdef NO_RESERVE
#define RESERVE 0
#else
#define RESERVE 2 /* beside them: a HeartRequest of our own and a HeartResponse */
#endif
#define QUEUE (DATA_ROOM + RESERVE)

#define DATA 1
#define HEART_REQUEST 2
#define HEART_RESPONSE 3

chan wire[2] = [QUEUE] of { byte, byte, bit }; /* from each side: kind, stream, number */

typedef Side {
    bool closed;
    bool waiting;         /* for a sign of life */
    bool unanswered;      /* a HeartRequest of its own; it sends no other before the answer */
    bool stopped;         /* its relays read no more */
    byte data;            /* data frames of this side that are on their way */
    bit next_out[STREAMS];
    bit next_in[STREAMS];
    bit held_number[STREAMS];
    bool held[STREAMS];   /* the relay's buffer: room for one frame */
}

Side side[2];
bool taken; /* turns at each data frame that a relay of side 0 reads */
bool named; /* the one deadlock that there is */

bool nothing_is_lost_doubled_or_swapped = true;
bool buffers_keep_their_bounds = true;
bool a_deadline_passes_only_over_a_side_that_stands_still = true;

hidden byte kind, stream;
hidden byte number;

#ifdef NO_RESERVE
#define room_for_data(me) (len(wire[me]) < DATA_ROOM)
#else
#define room_for_data(me) (side[me].data < DATA_ROOM && len(wire[me]) < QUEUE)
#endif
#define room_for_heart(me) (len(wire[me]) < QUEUE)

/* What stands at the head of the input, and whether there is room for what it brings. */
#define head_is(me, k) (wire[1 - me]?[k, _, _])
#define relay_full(me)                                                                             \
    ((wire[1 - me]?[DATA, 0, _] && side[me].held[0]) ||                                            \
     (wire[1 - me]?[DATA, 1, _] && side[me].held[1]))
#ifdef NO_RESERVE
#define own_full(me) (len(wire[me]) >= QUEUE)
#else
#define own_full(me) (head_is(me, HEART_REQUEST) && !room_for_heart(me))
#endif
#define paused(me) (relay_full(me) || own_full(me))
#define live(me) (!side[me].closed)

/* Processes leave one behind the other: in any other order they would leave no differently. */
byte gone;
#define OVER (!live(0) && gone == _pid)

inline send_data(me, id) {
    wire[me]!DATA, id, side[me].next_out[id];
    side[me].data++;
    side[me].next_out[id] = 1 - side[me].next_out[id];
    buffers_keep_their_bounds = (len(wire[me]) <= QUEUE);
    assert(buffers_keep_their_bounds)
}

inline take_data(me) {
    side[1 - me].data--;
    buffers_keep_their_bounds = !side[me].held[stream];
    assert(buffers_keep_their_bounds);
    side[me].held[stream] = true;
    side[me].held_number[stream] = number
}

inline read_frame(me) {
    wire[1 - me]?kind, stream, number;
    side[me].waiting = false; /* any byte is a sign of life */
    if
    :: kind == DATA -> take_data(me)
    :: kind == HEART_REQUEST -> wire[me]!HEART_RESPONSE, 0, 0
    :: kind == HEART_RESPONSE -> side[me].unanswered = false
    fi
}

inline relay_reads(me, id) {
    nothing_is_lost_doubled_or_swapped = (side[me].held_number[id] == side[me].next_in[id]);
    assert(nothing_is_lost_doubled_or_swapped);
    side[me].next_in[id] = 1 - side[me].next_in[id];
    side[me].held[id] = false;
    side[me].held_number[id] = 0;
    if
    :: me == 0 -> taken = 1 - taken
    :: else
    fi
}

inline beat(me) {
    side[me].waiting = true;
    side[me].unanswered = true;
    wire[me]!HEART_REQUEST, 0, 0
}

/* Both sides are closed, and what was in flight is lost. What nobody looks at any more is no state. */
inline close_both() {
    for (stream : 0 .. STREAMS - 1) {
        side[0].held[stream] = false;
        side[1].held[stream] = false;
        side[0].held_number[stream] = 0;
        side[1].held_number[stream] = 0;
        side[0].next_in[stream] = 0;
        side[1].next_in[stream] = 0;
        side[0].next_out[stream] = 0;
        side[1].next_out[stream] = 0
    }
    for (stream : 0 .. 1) {
        do
        :: nempty(wire[stream]) -> wire[stream]?_, _, _
        :: empty(wire[stream]) -> break
        od;
        side[stream].data = 0;
        side[stream].waiting = false;
        side[stream].unanswered = false;
        side[stream].closed = true
    }
    stream = 0
}

/* The session ends: both sides learn of it. */
inline end_session(me) {
    a_deadline_passes_only_over_a_side_that_stands_still = (paused(1 - me) && side[1 - me].stopped);
    assert(a_deadline_passes_only_over_a_side_that_stands_still);
    close_both()
}

/* ---- Processes: one of each kind a side ---- */

/* Reads frames; its deadline runs only while it could read. */
active [2] proctype session() {
    byte me = _pid % 2;
    do
    :: d_step { live(me) && nempty(wire[1 - me]) && !paused(me) -> read_frame(me) }
    :: d_step { timeout && live(me) && side[me].waiting && !paused(me) -> end_session(me) }
    :: atomic { OVER -> gone++; break }
    od
}

/* The applications, which always have more to send. */
active [2] proctype first_sender() {
    byte me = _pid % 2;
    do
    :: d_step { live(me) && room_for_data(me) -> send_data(me, 0) }
    :: atomic { OVER -> gone++; break }
    od
}

active [2] proctype second_sender() {
    byte me = _pid % 2;
    do
    :: d_step { live(me) && room_for_data(me) -> send_data(me, 1) }
    :: atomic { OVER -> gone++; break }
    od
}

active [2] proctype heart() {
    byte me = _pid % 2;
    do
    :: d_step { live(me) && !side[me].unanswered && room_for_heart(me) -> beat(me) }
    :: atomic { OVER -> gone++; break }
    od
}

/* What reads a stream's data out of the session: a socket that the application, or the target,
 * reads or does not read. */
active [2] proctype first_relay() {
    byte me = _pid % 2;
    do
    :: d_step { live(me) && side[me].held[0] && !side[me].stopped -> relay_reads(me, 0) }
    :: atomic { OVER -> gone++; break }
    od
}

active [2] proctype second_relay() {
    byte me = _pid % 2;
    do
    :: d_step { live(me) && side[me].held[1] && !side[me].stopped -> relay_reads(me, 1) }
    :: atomic { OVER -> gone++; break }
    od
}

/* At any moment the relays of a side stop; they read again where that is asked for. */
active [2] proctype stopper() {
    byte me = _pid % 2;
    if
    :: side[me].stopped = true
#ifndef READS_AGAIN
    :: skip /* or never stop */
#endif
    fi;
#ifdef READS_AGAIN
    side[me].stopped = false
#endif
}

/* The named deadlock: a relay has stopped for good and its buffer is full, so that its session reads
 * no more; and the other side, too, reads no more, so that no deadline of its runs. Whoever is behind
 * the relay can end it, nobody else. SHOW: it is a deadlock like any other. */
#define full_for_good(me) (side[me].stopped && relay_full(me))
#define stands_still ((full_for_good(0) || full_for_good(1)) && paused(0) && paused(1))
#ifndef SHOW
active proctype who_waits() {
    do
    :: d_step { timeout && live(0) && stands_still ->
                named = true;
                close_both() }
    :: !live(0) -> break
    od
}
#endif

/* Data arrive again and again; nothing else is a heartbeat's doing. */
ltl data_arrive_for_ever { [] <> taken && [] <> !taken }
ltl the_session_lives { [] (!side[0].closed && !side[1].closed) }
