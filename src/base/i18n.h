#ifndef BASE_I18N_H
#define BASE_I18N_H
#include <libintl.h>
#include <stdlib.h>
/* Every text a person reads goes through _(); N_() only marks it for the
 * catalogue where a table is initialised, and _() translates it at its use. */
#define _(text)	 gettext(text)
#define N_(text) text
/* One form or another by a number: "%lld message", "%lld messages". */
#define _n(one, many, n) ngettext(one, many, (unsigned long)(n))
#endif
