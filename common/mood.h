/*
 * mood - whether a sentence tells of an act as done, or denies, threatens, supposes or recalls it
 *
 * Words are sets of the lexicon (negation, denial, threat, condition ...); how far each reaches clause says, and which act is threatened threat. Here is
 * which of them makes an act not told.
 */
#ifndef LODE_MOOD_H
#define LODE_MOOD_H

#include "sentence.h"

enum mood { MOOD_TOLD, MOOD_DENIED, MOOD_THREATENED, MOOD_CONDITIONAL, MOOD_POSSIBLE, MOOD_PAST };

struct telling {
	enum mood mood;
	double factor;            /* of confidence, where it is told */
	bool to_come;             /* told as what somebody will do */
	const struct mark *cue;   /* the threat of MOOD_THREATENED, else NULL */
};

/*
 * act is a mark of the sentence; start and end hold all that belongs to it. forecast: an act that counts when it is only expected;
 * outcome: one that is nobody's.
 * A threat counts when it is itself told.
 */
struct telling mood_of(const struct sentence *sentence, const struct mark *act, size_t start, size_t end, bool forecast, bool outcome);

#endif
