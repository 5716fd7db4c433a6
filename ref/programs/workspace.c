#include "workspace.h"

#include <openssl/rand.h>
#include <stdlib.h>

bool workspace_begin(struct workspace *space, uv_loop_t *loop)
{
    space->loop = loop;
    space->sealing = NULL;
    space->viewing = NULL;
    space->view_count = 0;
    space->sealed.bytes = malloc(SEALED_SIZE);
    space->sealed.capacity = SEALED_SIZE;
    space->sealed.size = 0;
    space->plain = malloc(READ_SIZE);
    space->record = malloc(RECORD_SIZE);
    space->frames = malloc(FRAMES_SIZE);
    space->read_area = malloc(READ_HEADROOM + READ_SIZE);
    return space->sealed.bytes != NULL && space->plain != NULL && space->record != NULL &&
           space->frames != NULL && space->read_area != NULL;
}

uint32_t workspace_random(void)
{
    uint32_t number = 0;

    if (RAND_bytes((unsigned char *)&number, sizeof number) != 1)
        abort(); /* without randomness there is nothing that may be sent */
    return number;
}
