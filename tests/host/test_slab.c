/* tests/host/test_slab.c - kernel objects: cleared, apart from each other, given back. */
#include "mm/frames/frame.h"
#include "mm/frames/heap.h"
#include "mm/frames/slab.h"
#include "tests/host/unit.h"

#include <string.h>

struct thing {
    char bytes[100];
};
static struct slab_cache cache = SLAB_CACHE("thing", struct thing);

static bool is_clear(const char *memory, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (memory[i] != 0)
            return false;
    return true;
}

#define THINGS 200

static void objects_are_clear_and_apart(void **state)
{
    (void)state;
    struct thing *things[THINGS];
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < THINGS; i++) {
            things[i] = slab_take(&cache);
            assert_true(is_clear(things[i]->bytes, sizeof(things[i]->bytes)));
            assert_int_equal((uintptr_t)things[i] % 16, 0);
            memset(things[i], (int)i + 1, sizeof(*things[i]));
        }
        assert_int_equal(cache.in_use, THINGS);
        for (unsigned i = 0; i < THINGS; i++)
            for (unsigned at = 0; at < sizeof(struct thing); at++)
                assert_int_equal(things[i]->bytes[at], (char)(i + 1));
        for (unsigned i = 0; i < THINGS; i++)
            slab_give(&cache, things[i * 7 % THINGS]);
        assert_int_equal(cache.in_use, 0);
    }
    assert_in_range(cache.slabs, 0, 1);
}

static void one_over_and_over_costs_no_frame(void **state)
{
    (void)state;
    slab_give(&cache, slab_take(&cache));
    uint32_t before = frame_counts.free;
    for (unsigned i = 0; i < 100; i++) {
        void *thing = slab_take(&cache);
        assert_int_equal(frame_counts.free, before);
        slab_give(&cache, thing);
    }
    assert_int_equal(frame_counts.free, before);
}

static void no_frame_no_object(void **state)
{
    (void)state;
    static struct slab_cache other = SLAB_CACHE("other", struct thing);
    frame_fail_after = 1;
    assert_null(slab_take(&other));
    assert_int_equal(other.in_use, 0);
    void *thing = slab_take(&other);
    assert_non_null(thing);
    slab_give(&other, thing);
}

static void memory_of_any_size(void **state)
{
    (void)state;
    for (size_t size = 1; size <= PAGE_SIZE; size += size < 300 ? 1 : 61) {
        char *a = heap_take(size), *b = heap_take(size);
        assert_true(is_clear(a, size) && is_clear(b, size));
        assert_int_equal((uintptr_t)a % 16, 0);
        memset(a, 1, size);
        memset(b, 2, size);
        assert_int_equal(a[size - 1], 1);
        assert_int_equal(a[0], 1);
        heap_give(a, size);
        heap_give(b, size);
    }
}

static void caches_are_listed(void **state)
{
    (void)state;
    slab_give(&cache, slab_take(&cache));
    unsigned found = 0;
    for (const struct slab_cache *at = NULL; (at = slab_cache_next(at)) != NULL;)
        found += at == &cache;
    assert_int_equal(found, 1);
}

void test_slab(void)
{
    const struct CMUnitTest slabs[] = {
        UNIT_TEST(objects_are_clear_and_apart), UNIT_TEST(one_over_and_over_costs_no_frame),
        UNIT_TEST(no_frame_no_object),          UNIT_TEST(memory_of_any_size),
        UNIT_TEST(caches_are_listed),
    };
    unit_add(slabs);
}
