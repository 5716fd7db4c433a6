/* The numbers of the model's words, as names and as values of the code. A number or a word that is not
 * known ends the program with 2: model and code have parted. */
#ifndef REPLAY_MODEL_WORDS_H
#define REPLAY_MODEL_WORDS_H

#include <stdbool.h>

const char *word_of(int number);
bool word_is(int number, const char *word);

/* What the code has for it, such as ANYTLS_SYN for C_SYN. */
int value_of(int number);

#endif
