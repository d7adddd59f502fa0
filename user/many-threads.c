/* many-threads.c - a thousand threads in a hundred processes hand things to each other.
 *
 * In each process ten threads pass tokens around a ring with mutexes and condition variables;
 * the processes pass a count on in memory they share, with a lock and a condition of that
 * memory. Whoever's wake-up were lost would sleep for ever, and all others with it. What is
 * printed depends on nothing but the numbers given: many-threads [PROCESSES THREADS ROUNDS]. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_PROCESSES 200
#define MOST_THREADS   64

struct shared {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    long turn; /* which process may add */
    long sum;
    long operations[MOST_PROCESSES];
};

static int processes = 100, threads = 10, rounds = 10;
static struct shared *shared;
static int process_number;

/* The ring of one process. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed[MOST_THREADS];
static int tokens[MOST_THREADS];
static long operations;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Each takes a token, `rounds` times, and hands it to its neighbour. */
static void *pass_on(void *argument)
{
    int mine = (intptr_t)argument, next = (mine + 1) % threads;

    for (int i = 0; i < rounds; i++) {
        pthread_mutex_lock(&lock);
        while (tokens[mine] == 0)
            pthread_cond_wait(&changed[mine], &lock);
        tokens[mine]--;
        tokens[next]++;
        operations++;
        pthread_cond_signal(&changed[next]);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static void ring(void)
{
    pthread_t thread[MOST_THREADS];
    pthread_attr_t small;

    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 16384);
    for (int i = 0; i < threads; i++)
        pthread_cond_init(&changed[i], NULL);
    tokens[0] = 2;
    for (intptr_t i = 0; i < threads; i++)
        if (pthread_create(&thread[i], &small, pass_on, (void *)i) != 0)
            fail("pthread_create");
    for (int i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
}

/* One after the other the processes add their numbers, `rounds` times around. */
static void add_in_turn(void)
{
    for (int i = 0; i < rounds; i++) {
        pthread_mutex_lock(&shared->lock);
        while (shared->turn % processes != process_number)
            pthread_cond_wait(&shared->changed, &shared->lock);
        shared->turn++;
        shared->sum += process_number;
        pthread_cond_broadcast(&shared->changed);
        pthread_mutex_unlock(&shared->lock);
    }
}

static int child(void)
{
    ring();
    if (rounds > 20) /* everybody wakes everybody there: a few turns will do */
        rounds = 20;
    add_in_turn();
    shared->operations[process_number] = operations;
    return 0;
}

static void shared_open(void)
{
    pthread_mutexattr_t mutex;
    pthread_condattr_t condition;

    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                  -1, 0);
    if (shared == MAP_FAILED)
        fail("mmap");
    pthread_mutexattr_init(&mutex);
    pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&shared->lock, &mutex);
    pthread_condattr_init(&condition);
    pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(&shared->changed, &condition);
}

static int number(const char *word, int most)
{
    int value = atoi(word);

    return value < 1 ? 1 : value > most ? most : value;
}

int main(int count, char **words)
{
    int ended = 0, status;
    long all = 0;

    if (count == 4) {
        processes = number(words[1], MOST_PROCESSES);
        threads = number(words[2], MOST_THREADS);
        rounds = number(words[3], 1000000);
    }
    shared_open();
    for (process_number = 0; process_number < processes; process_number++) {
        pid_t pid = fork();
        if (pid < 0)
            fail("fork");
        if (pid == 0)
            _exit(child());
    }
    while (wait(&status) > 0)
        ended += status == 0;
    for (int i = 0; i < processes; i++)
        all += shared->operations[i];
    printf("%d of %d processes came to their end\n", ended, processes);
    printf("%ld tokens passed, %ld turns taken, sum %ld\n", all, shared->turn, shared->sum);
    return ended == processes ? 0 : 1;
}
