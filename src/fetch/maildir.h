#ifndef FETCH_MAILDIR_H
#define FETCH_MAILDIR_H
#include "base/str.h"

/* maildir - the names in a Maildir: who a file is, its flags, and its folders (Maildir++). */

/* What stays the same whatever its flags: up to the colon. */
struct view maildir_unique(struct view file);
/* Adds the name with S (seen) among its flags, which are in the order of the alphabet. */
int maildir_with_seen(struct str *out, struct view file);
/* Adds ".Facteur.Bounces" for "Facteur/Bounces"; -1: that is no name for a folder. */
int maildir_folder(struct str *out, const char *folder);
#endif
