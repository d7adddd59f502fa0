/* lib/locks.h - what a function says about locks, in words that Clang checks (`make lint`).
 *
 *     REQUIRES(lock)   the caller holds it, before and after; the function may let go of it
 *                      meanwhile
 *     ACQUIRES(lock)   taken here, and held on return
 *     RELEASES(lock)   held by the caller, and let go of here
 *     EXCLUDES(lock)   the caller does not hold it
 *     TRY_ACQUIRES(value, lock)  taken here if the function returns `value`
 *     GUARDED_BY(lock) this variable is read and written under the lock only
 *     POINTEE_GUARDED_BY(lock)   or what this pointer leads to is
 *     SLEEPS           it may sleep, or let others run, before it returns: what no lock guards
 *                      may have changed by then (tests/walls.py follows the calls by name)
 *     NO_ANALYSIS      left out of the proof: a lock's own functions, and those that hold it
 *                      or not by what the file at hand is (docs/decisions.md)
 *
 * Clang follows every path through a function by itself (Hutchins, Ballman and
 * Sutherland, "C/C++ Thread Safety Analysis", SCAM 2014). It does not look through
 * pointers to functions; whoever calls one says what it wants in a wrapper. To another
 * compiler the words say nothing. */
#ifndef LIB_LOCKS_H
#define LIB_LOCKS_H

#ifdef __clang__
#define LOCK_WORD(word) __attribute__((word))
#else
#define LOCK_WORD(word)
#endif

#define CAPABILITY(name)         LOCK_WORD(capability(name))
#define REQUIRES(...)            LOCK_WORD(requires_capability(__VA_ARGS__))
#define ACQUIRES(...)            LOCK_WORD(acquire_capability(__VA_ARGS__))
#define RELEASES(...)            LOCK_WORD(release_capability(__VA_ARGS__))
#define TRY_ACQUIRES(...)        LOCK_WORD(try_acquire_capability(__VA_ARGS__))
#define EXCLUDES(...)            LOCK_WORD(locks_excluded(__VA_ARGS__))
#define GUARDED_BY(lock)         LOCK_WORD(guarded_by(lock))
#define POINTEE_GUARDED_BY(lock) LOCK_WORD(pt_guarded_by(lock))
#define SLEEPS                   LOCK_WORD(annotate("sleeps"))
#define NO_ANALYSIS              LOCK_WORD(no_thread_safety_analysis)

#endif
