/*
 * threat - who threatens in a sentence: with a word for it, with "or", or by telling another what will be done to him
 *
 * Each function gives the mark by which an act is threatened, the sentence's, or NULL. Whether the threat is itself told, denied or supposed is for
 * mood to say.
 */
#ifndef LODE_THREAT_H
#define LODE_THREAT_H

#include "sentence.h"

/* The last word of threat that the act (with all that belongs to it in [start, end)) is about: "threatened to close", "closing threat", "we will close, he warned". */
const struct mark *threat_word(const struct sentence *sentence, const struct mark *act, size_t start, size_t end);

/* "MNDAA: hand back the post or the road is blocked", "they told miners to pay or close": somebody's terms. The word "or". */
const struct mark *threat_ultimatum(const struct sentence *sentence, const struct mark *act);

/*
 * Of an act that hangs on a condition. "Told the group that it will stop buying unless", "warned that it would": somebody's own will, told to another;
 * whoever is told or warned may be told that something could happen too. "Mines that have not registered will be closed": a threat to those. The modal word, or the word
 * of telling.
 */
const struct mark *threat_terms(const struct sentence *sentence, const struct mark *act, size_t end);

/* "Close the ponds or leave", "KIO to mines: close", "to register or close", "leave, or we close the gate": an act that somebody may still choose or avert. */
bool threat_is_choice(const struct sentence *sentence, const struct mark *act);

#endif
