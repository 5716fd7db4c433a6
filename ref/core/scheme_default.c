#include "padding.h"

static const uint8_t default_text[] = "stop=8\n"
                                      "0=30-30\n"
                                      "1=100-400\n"
                                      "2=400-500,c,500-1000,c,500-1000,c,500-1000,c,500-1000\n"
                                      "3=9-9,500-1000\n"
                                      "4=500-1000\n"
                                      "5=500-1000\n"
                                      "6=500-1000\n"
                                      "7=500-1000";

const struct anytls_scheme anytls_scheme_default = {
    {default_text, sizeof default_text - 1},
    8,
    {'7', '5', 'c', 'f', 'f', '2', 'a', 'd', '8', '9', 'a', 'a', 'd', 'f', '5', 'e',
     '2', '5', '7', '0', '5', '9', 'e', 'e', '5', '7', '1', 'e', 'b', 'e', '1', '1'},
};
