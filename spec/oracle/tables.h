/* The texts of spec/transitions.tsv and spec/calls.tsv, made into C by the build. */
#ifndef ANYTLS_SPEC_ORACLE_TABLES_H
#define ANYTLS_SPEC_ORACLE_TABLES_H

extern const char oracle_transitions_text[];
extern const char oracle_calls_text[];

#endif
