/* The client's pool over abstract sessions. Three applications ask for streams, again and again, until
 * they fall silent; a session carries one stream, is answered by its server, and may die at any time;
 * idle ones grow old, and a timer retires them. The loops of take and retire are those of ref/core/pool.c: the array has no order,
 * and what is removed is replaced by the last. What they choose is judged by the rule itself. */

#define USERS 3
#define LIMIT 1 /* ticks: an idle session older than this expires */
#define KEEP 1  /* idle sessions that are kept */

typedef Entry {
    byte sequence; /* 1 is the oldest; numbers are closed up when one goes, their order counts */
    bool idle;
    byte age;      /* ticks of idleness, up to LIMIT + 1 */
    byte streams;  /* open in it */
    byte user;     /* whose stream */
}

Entry pool[USERS];
byte count;

#define NOBODY 255
byte asking[USERS]; /* 0 nothing, 1 has a stream and waits, 2 answered, 3 told of the session's end */

bool the_highest_number_is_taken = true;
bool a_taken_session_is_idle = true;
bool at_most_one_stream_on_a_session = true;
bool only_what_is_older_than_the_limit_is_retired = true;
bool the_oldest_is_retired_first = true;
bool never_below_the_minimum = true;
bool the_table_holds_every_session = true;

hidden byte i, found, idles;

inline count_idle() {
    idles = 0;
    for (i : 0 .. USERS - 1) {
        if
        :: i < count && pool[i].idle -> idles++
        :: else
        fi
    }
}

inline remove(index) {
    for (i : 0 .. USERS - 1) {
        if
        :: i < count && pool[i].sequence > pool[index].sequence -> pool[i].sequence--
        :: else
        fi
    }
    count--;
    pool[index].sequence = pool[count].sequence;
    pool[index].idle = pool[count].idle;
    pool[index].age = pool[count].age;
    pool[index].streams = pool[count].streams;
    pool[index].user = pool[count].user;
    pool[count].sequence = 0;
    pool[count].idle = false;
    pool[count].age = 0;
    pool[count].streams = 0;
    pool[count].user = 0
}

/* The idle session with the highest number, or NOBODY. */
inline take() {
    found = NOBODY;
    for (i : 0 .. USERS - 1) {
        if
        :: i < count && pool[i].idle ->
            if
            :: found == NOBODY -> found = i
            :: found != NOBODY && pool[i].sequence > pool[found].sequence -> found = i
            :: else
            fi
        :: else
        fi
    }
}

/* Of those that expired the one with the lowest number, unless only KEEP are idle. */
inline choose_retired() {
    found = NOBODY;
    count_idle();
    if
    :: idles > KEEP ->
        for (i : 0 .. USERS - 1) {
            if
            :: i < count && pool[i].idle && pool[i].age > LIMIT ->
                if
                :: found == NOBODY -> found = i
                :: found != NOBODY && pool[i].sequence < pool[found].sequence -> found = i
                :: else
                fi
            :: else
            fi
        }
    :: else
    fi
}

inline judge_taken() {
    a_taken_session_is_idle = pool[found].idle;
    assert(a_taken_session_is_idle);
    for (i : 0 .. USERS - 1) {
        the_highest_number_is_taken =
            !(i < count && pool[i].idle && pool[i].sequence > pool[found].sequence);
        assert(the_highest_number_is_taken)
    }
}

inline judge_retired() {
    only_what_is_older_than_the_limit_is_retired = (pool[found].idle && pool[found].age > LIMIT);
    assert(only_what_is_older_than_the_limit_is_retired);
    for (i : 0 .. USERS - 1) {
        the_oldest_is_retired_first =
            !(i < count && pool[i].idle && pool[i].age > LIMIT &&
              pool[i].sequence < pool[found].sequence);
        assert(the_oldest_is_retired_first)
    }
    count_idle();
    never_below_the_minimum = (idles - 1 >= KEEP);
    assert(never_below_the_minimum)
}

inline open_stream(index, me) {
    pool[index].idle = false;
    pool[index].age = 0;
    pool[index].streams++;
    pool[index].user = me;
    at_most_one_stream_on_a_session = (pool[index].streams <= 1);
    assert(at_most_one_stream_on_a_session)
}

/* A request: on an idle session, else on one that is dialled for it. */
inline request(me) {
    take();
    if
    :: found != NOBODY ->
        judge_taken();
        open_stream(found, me)
    :: else ->
        the_table_holds_every_session = (count < USERS);
        assert(the_table_holds_every_session);
        pool[count].sequence = count + 1;
        count++;
        found = count - 1;
        open_stream(found, me)
    fi;
    asking[me] = 1
}

/* Where the stream of a user is. */
inline find(me) {
    found = NOBODY;
    for (i : 0 .. USERS - 1) {
        if
        :: i < count && pool[i].streams > 0 && pool[i].user == me -> found = i
        :: else
        fi
    }
}

/* The stream has ended: its session goes back. */
inline give_back(me) {
    find(me);
    pool[found].streams--;
    pool[found].idle = true;
    pool[found].age = 0;
    pool[found].user = 0;
    asking[me] = 0
}

active [USERS] proctype application() {
    do
    :: d_step { asking[_pid] == 0 -> request(_pid) }
    :: d_step { asking[_pid] == 2 -> give_back(_pid) }
    :: d_step { asking[_pid] == 3 -> asking[_pid] = 0 }
    :: asking[_pid] == 0 -> break
    od
}

#define mine (_pid - USERS)

/* The server behind the session of one user's stream. */
active [USERS] proctype server() {
    do
    :: d_step { asking[mine] == 1 -> asking[mine] = 2 }
    od
}

/* A session dies; who has a stream in it is told. */
inline die(index) {
    if
    :: pool[index].streams > 0 -> asking[pool[index].user] = 3
    :: else
    fi;
    remove(index)
}

active proctype network() {
    do
    :: d_step { count > 0 -> die(0) }
    :: d_step { count > 1 -> die(1) }
    :: d_step { count > 2 -> die(2) }
    :: break /* and from here on none dies */
    od
}

active proctype timer() {
    bool retired;

    do
    :: d_step {
            for (i : 0 .. USERS - 1) {
                if
                :: i < count && pool[i].idle && pool[i].age <= LIMIT -> pool[i].age++
                :: else
                fi
            }
        };
        /* One a call, until none is named: a request may come in between. */
        do
        :: d_step {
                choose_retired();
                if
                :: found != NOBODY -> judge_retired(); remove(found); found = 1
                :: else -> found = 0
                fi;
                retired = found
            };
            if
            :: retired -> skip
            :: else -> break
            fi
        od
    od
}

#define is_told(n) [] ((asking[n] == 1) -> <> (asking[n] != 1))
ltl every_request_is_told { is_told(0) && is_told(1) && is_told(2) }

/* A session that is idle for ever is retired, if there are more than the minimum. */
#define crowded (count == USERS && pool[0].idle && pool[1].idle && pool[2].idle)
ltl idle_sessions_are_retired { [] <> !crowded }
