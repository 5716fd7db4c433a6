/* A main for any target: runs it once over each file, and each file in each folder, that it is
 * given. Prints how many; a failed property or a sanitizer ends the program. For replays under any
 * compiler, valgrind, or another machine. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static size_t files;

static int give_up(const char *path)
{
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return 1;
}

/* The input has memory of exactly its size, as engines give it. */
static int run_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes;

    if (file == NULL)
        return give_up(path);
    bytes = fuzz_memory(size);
    if (fread(bytes, 1, size, file) != size) {
        fclose(file);
        free(bytes);
        return give_up(path);
    }
    fclose(file);
    if (getenv("FUZZ_NAMES") != NULL)
        fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    files++;
    return 0;
}

static int run(const char *path);

static int run_folder(const char *path)
{
    struct dirent **names;
    int count = scandir(path, &names, NULL, alphasort);
    int status = 0;

    if (count < 0)
        return give_up(path);
    for (int i = 0; i < count; i++) {
        char *child = NULL;

        if (names[i]->d_name[0] != '.') {
            if (asprintf(&child, "%s/%s", path, names[i]->d_name) < 0)
                abort();
            status |= run(child);
        }
        free(child);
        free(names[i]);
    }
    free(names);
    return status;
}

static int run(const char *path)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return give_up(path);
    if (S_ISDIR(info.st_mode))
        return run_folder(path);
    return run_file(path, (size_t)info.st_size);
}

int main(int count, char **arguments)
{
    int status = 0;

    if (count < 2) {
        fprintf(stderr, "usage: %s FILE|FOLDER ...\n", arguments[0]);
        return 2;
    }
    for (int i = 1; i < count; i++)
        status |= run(arguments[i]);
    printf("%zu inputs\n", files);
    return status;
}
