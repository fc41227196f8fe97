// What to do when a file that is mapped into memory is cut off, or its disk fails, while it is in use: the system sends
// SIGBUS at the first use of a page that is lost, to whatever code that is.

#ifndef HEADSTEER_CLOSTFILES_H
#define HEADSTEER_CLOSTFILES_H

#ifdef __cplusplus
extern "C" {
#endif

/// From now on the loss of a mapped file ends the program with `status` and one line on standard error that names the file
/// (on Linux; elsewhere it only says that a file was lost).
///
/// Bus errors for any other reason stay what they were. To be called once, by a program's main thread.
void headsteer_exit_when_files_are_lost(int status);

#ifdef __cplusplus
}
#endif

#endif
