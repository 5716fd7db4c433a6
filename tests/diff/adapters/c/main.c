/* The adapter of the reference: questions on standard input, answers on standard output, one JSON
 * object a line, as ../README.md says. The operations are in codec.c, texts.c and session.c. */
#include <stdio.h>
#include <stdlib.h>

#include "json.h"

static void reply(const cJSON *question)
{
    cJSON *line = cJSON_CreateObject();
    cJSON *answer = reference_answer(json_string(question, "op"),
                                     cJSON_GetObjectItemCaseSensitive(question, "input"));
    char *text;

    cJSON_AddStringToObject(line, "id", json_string(question, "id"));
    if (answer != NULL)
        cJSON_AddItemToObject(line, "answer", answer);
    else
        cJSON_AddTrueToObject(line, "unsupported");
    text = cJSON_PrintUnformatted(line);
    puts(text);
    fflush(stdout);
    free(text);
    cJSON_Delete(line);
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;

    while (getline(&line, &capacity, stdin) > 0) {
        cJSON *question = cJSON_Parse(line);

        if (question == NULL) {
            fputs("a line that is no JSON\n", stderr);
            free(line);
            return 1;
        }
        reply(question);
        cJSON_Delete(question);
        scratch_release();
    }
    free(line);
    return 0;
}
